#!/usr/bin/env node
/**
 * Starts the command from a bundle of all its modules, which takes a fraction of the time that it takes to find,
 * translate and compile them one by one. Where its sources are, the bundle is made anew when it is not of the sources as
 * they are; an installed package has the bundle alone.
 *
 * JavaScript, for Node.js runs this before there is anything to translate TypeScript.
 */
const { existsSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const v8 = require('node:v8');
const { Script } = require('node:vm');

// Node.js 20 optimizes each function as soon as it is warm, which takes longer than a synth runs it: its V8 counts the
// bytes that run, and waits for 66 KiB of them (InterruptBudgetFor of src/execution/tiering-manager.cc). Later ones count
// calls, and so wait longer themselves. It also lets the heap grow to four times what lives in it before it collects.
if (process.versions.node.startsWith('20.')) {
  v8.setFlagsFromString('--interrupt-budget=1000000');
  v8.setFlagsFromString('--heap-growing-percent=150');
}

const root = join(__dirname, '..');
const packed = !existsSync(join(root, 'main.ts'));
const folder = join(root, packed ? 'lib' : 'build');
const file = join(folder, 'command.cjs');

/** @returns {{ code: string, stamp: import('./bundle.cjs').Stamp } | undefined} the bundle, where it is up to date. */
function upToDate() {
  try {
    const code = readFileSync(file, 'latin1');
    const stamp = JSON.parse(code.slice(2, code.indexOf('\n')));
    return packed || stamp.states === statesOf(stamp.sources) ? { code, stamp } : undefined;
  } catch (error) {
    if (packed) throw error;
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
function compiled(cache, id) {
  try {
    const bytes = readFileSync(cache);
    return bytes.subarray(0, id.length).toString('latin1') === id ? bytes.subarray(id.length) : undefined;
  } catch {
    return undefined;
  }
}

function run({ code, stamp }) {
  // One for each subcommand: what one needs is but a part of what another does.
  const [, subcommand = 'help'] = /^([a-z][a-z-]*)$/.exec(process.argv[2]) ?? [];
  const cache = join(folder, `${subcommand}.cache`);
  const cachedData = compiled(cache, stamp.id);
  const script = new Script(`(function (require, root) {${code}\n})`, { filename: file, cachedData });
  if (!cachedData || script.cachedDataRejected) {
    // At the end, for then it knows all the functions that were needed. What failed may have been no subcommand.
    process.on('exit', (status) => {
      if (status === 0) require('./save.cjs').save(cache, [stamp.id, script.createCachedData()]);
    });
  }
  script.runInThisContext()(require, root);
}

const bundle = upToDate();
if (process.argv[2] === '--prepare') bundle ?? require('./bundle.cjs').bundle({ root, file, statesOf });
else if (bundle) run(bundle);
else require('./bundle.cjs').bundle({ root, file, statesOf }).then(run);
