/**
 * Starts the program from a bundle of all its modules, which takes a fraction of the time that it takes to find,
 * translate and compile them one by one. The bundle is made anew where it is not that of the sources as they are.
 *
 * JavaScript, for Node.js runs this before there is anything to translate TypeScript.
 */
const { readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const root = join(__dirname, '..');
const folder = join(root, 'build');

/** @returns {{ code: string, stamp: import('./bundle.cjs').Stamp } | undefined} the bundle, where it is up to date. */
function upToDate() {
  try {
    const code = readFileSync(join(folder, 'main.cjs'), 'latin1');
    const stamp = JSON.parse(code.slice(2, code.indexOf('\n')));
    return stamp.states === statesOf(stamp.sources) ? { code, stamp } : undefined;
  } catch {
    return undefined;
  }
}

/** What the file system says of files: it changes whenever one of them does. */
function statesOf(paths) {
  let states = '';
  for (const path of paths) {
    const { size, ino, mtimeNs, ctimeNs } = statSync(`${root}/${path}`, { bigint: true });
    states += `${size} ${ino} ${mtimeNs} ${ctimeNs}\n`;
  }
  return states;
}

/** What V8 has compiled of this very bundle in an earlier run; V8 itself refuses what another version of it made. */
function compiled(id) {
  try {
    const cache = readFileSync(join(folder, 'main.cache'));
    return cache.subarray(0, id.length).toString('latin1') === id ? cache.subarray(id.length) : undefined;
  } catch {
    return undefined;
  }
}

function run({ code, stamp }) {
  const cachedData = compiled(stamp.id);
  const script = new Script(`(function (require, root) {${code}\n})`, {
    filename: join(folder, 'main.cjs'),
    cachedData,
  });
  if (!cachedData || script.cachedDataRejected) {
    // At the end, for then it knows all the functions that were needed.
    process.on('exit', () =>
      require('./bundle.cjs').save(join(folder, 'main.cache'), [stamp.id, script.createCachedData()]),
    );
  }
  script.runInThisContext()(require, root);
}

const bundle = upToDate();
if (process.argv[2] === '--prepare') bundle ?? require('./bundle.cjs').bundle({ root, folder, statesOf });
else if (bundle) run(bundle);
else require('./bundle.cjs').bundle({ root, folder, statesOf }).then(run);
