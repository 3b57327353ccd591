const { mkdirSync, renameSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');

/** Writes a file as a whole, if it can be: without it all is the same, but slower. */
function save(file, parts) {
  const part = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      part,
      Buffer.concat(parts.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : one))),
    );
    renameSync(part, file);
  } catch {
    // What is half written has a name that nobody looks for.
  }
}

module.exports = { save };
