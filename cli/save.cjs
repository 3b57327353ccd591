const { mkdirSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');

/**
 * Writes a file as a whole: whoever reads it meanwhile, or after this was killed, finds the one that was there.
 *
 * @param {string} file
 * @param {string | Uint8Array} content
 * @param {number} [mode] of a new file.
 */
function writeWhole(file, content, mode) {
  const part = `${file}.${process.pid}`;
  try {
    writeFileSync(part, content, { mode });
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Writes a file of parts, if it can be: without it all is the same, but slower. */
function save(file, parts) {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const bytes = parts.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : one));
    writeWhole(file, Buffer.concat(bytes));
  } catch {
    // What is half written has a name that nobody looks for.
  }
}

module.exports = { save, writeWhole };
