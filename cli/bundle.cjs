/**
 * Makes the bundle that `start.cjs` starts: `build/command.cjs`, on its first line what it was made from.
 *
 * @typedef {object} Stamp
 * @property {string} id of this one bundle.
 * @property {string[]} sources all files that it was made of, from the project's folder.
 * @property {string} states of the sources, as the file system tells.
 * @property {string} contents digest of the sources.
 */
const { createHash, randomUUID } = require('node:crypto');
const { readFileSync, statSync } = require('node:fs');
const { join, relative } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { save } = require('./save.cjs');

/** What shapes the bundle and is no module in it. */
const SETTINGS = ['package.json', 'tsconfig.json', 'cli/bundle.cjs'];

/** File systems tell times in steps of some milliseconds. */
const STEP = 50;

/**
 * Makes the bundle, or finds the one that is there to be of the same sources.
 *
 * @returns {Promise<{ code: string, stamp: Stamp }>} it, whether or not it could be written.
 */
async function bundle({ root, file, statesOf }) {
  const known = sameContents(root, file, statesOf);
  if (known) return write(file, known);
  for (let tries = 1; ; tries++) {
    const began = Date.now();
    const { body, sources } = await build(root);
    const states = statesOf(sources);
    const contents = digestOf(root, sources);
    const made = assembled({ id: randomUUID(), sources, states, contents }, body);
    // A source that was written meanwhile, or just before, can be another one than that in the bundle.
    if (sources.every((source) => statSync(join(root, source)).ctimeMs < began - STEP)) return write(file, made);
    if (tries === 3) return made;
    await sleep(2 * STEP);
  }
}

/** The bundle, where the sources are the same, but other files: after a checkout, or a package's installation. */
function sameContents(root, file, statesOf) {
  try {
    const text = readFileSync(file, 'latin1');
    const end = text.indexOf('\n');
    const stamp = JSON.parse(text.slice(2, end));
    const states = statesOf(stamp.sources);
    if (stamp.contents !== digestOf(root, stamp.sources) || states !== statesOf(stamp.sources)) return undefined;
    return assembled({ ...stamp, states }, text.slice(end + 1));
  } catch {
    return undefined;
  }
}

function digestOf(root, sources) {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(source).update(readFileSync(join(root, source)));
  return hash.digest('hex');
}

/** @param {import('esbuild').BuildOptions} [options] what is to be otherwise. */
async function build(root, { plugins = [], ...options } = {}) {
  const { build } = require('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/index.ts'],
    bundle: true,
    // What makes bundles is needed where there are sources alone.
    external: ['esbuild'],
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Lines stay, for Node.js prints the one where an error was thrown.
    minifySyntax: true,
    // Where a library is itself in several formats, esbuild can leave out what is not used of this one.
    mainFields: ['module', 'main'],
    legalComments: 'none',
    supported: { 'dynamic-import': false },
    outdir: 'build',
    write: false,
    metafile: true,
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'silent' },
    plugins: [...plugins, ownFolders(root), kubernetesKinds, fieldsOfKinds],
    ...options,
  });
  const modules = Object.keys(metafile.inputs).filter((name) => !name.startsWith(`${KINDS}:`));
  return { body: outputFiles[0].text, sources: [...modules, ...SETTINGS].sort() };
}

/** Lets modules find the files beside them, such as scripts: they are where they were, and the bundle is elsewhere. */
const ownFolders = (root) => ({
  name: 'own-folders',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path.includes('/node_modules/')) return undefined;
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      const file = `require('node:path').join(root, ${JSON.stringify(relative(root, path))})`;
      const contents = text
        .replaceAll('import.meta.dirname', `require('node:path').dirname(${file})`)
        .replaceAll('import.meta.filename', file)
        .replaceAll('import.meta.url', `require('node:url').pathToFileURL(${file})`);
      return { contents, loader: 'ts' };
    });
  },
});

const KINDS = 'kinds';

/** Takes of cdk8s-plus, whose modules load each other, the one that is used: the kinds of the Kubernetes API. */
const kubernetesKinds = {
  name: 'kubernetes-kinds',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cdk8s-plus-28$/ }, ({ resolveDir }) => ({
      path: 'cdk8s-plus-28',
      namespace: KINDS,
      pluginData: resolveDir,
    }));
    onLoad({ filter: /.*/, namespace: KINDS }, ({ path, pluginData }) => ({
      contents: `export * as k8s from '${path}/lib/imports/k8s.js';`,
      resolveDir: pluginData,
    }));
  },
};

/** How the kinds leave out fields without a value: `cdk8s import` writes code that copies all fields for each of them. */
const COPIES =
  /Object\.entries\(([\w.]+)\)\.reduce\(\(r, i\) => \(i\[1\] === undefined\) \? r : \(\{ \.\.\.r, \[i\[0\]\]: i\[1\] \}\), \{\}\)/g;

/** The same in one go. */
const DEFINED = `
function definedFields(map) {
  const fields = {};
  for (const key of Object.keys(map)) {
    if (map[key] === undefined) continue;
    if (key === '__proto__') Object.defineProperty(fields, key, { value: map[key], enumerable: true });
    else fields[key] = map[key];
  }
  return fields;
}`;

/** Lets the kinds copy their fields once. */
const fieldsOfKinds = {
  name: 'fields-of-kinds',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]imports[/\\][^/\\]*\.[jt]s$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(COPIES, 'definedFields($1)') + DEFINED,
      loader: path.endsWith('.ts') ? 'ts' : 'js',
    }));
  },
};

function assembled(stamp, body) {
  return { code: `//${JSON.stringify(stamp)}\n${body}`, stamp };
}

function write(file, made) {
  save(file, [made.code]);
  return made;
}

module.exports = { build, bundle, kubernetesKinds, ownFolders };
