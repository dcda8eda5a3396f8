// Writes a .br and a .gz beside every file of a folder that compressing makes smaller, and prints, as JSON,
// each file's sizes in bytes. Node has both at their highest setting and as machine code; a Rust crate in an
// unoptimised xtask takes half a minute for the same.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = process.argv[2];
const compressible = /\.(css|html|ico|ics|js|json|map|svg|txt|wasm|webmanifest|xml)$/;

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

const sizes = [];
for (const file of files.sort()) {
  if (/\.(br|gz)$/.test(file)) {
    rmSync(file);
    continue;
  }
  const content = readFileSync(file);
  const size = { name: relative(folder, file), raw: content.length, gzip: content.length, brotli: content.length };
  if (compressible.test(file)) {
    const brotli = brotliCompressSync(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: 22,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    });
    const gzip = gzipSync(content, { level: 9 });
    if (brotli.length < content.length) {
      writeFileSync(`${file}.br`, brotli);
      size.brotli = brotli.length;
    }
    if (gzip.length < content.length) {
      writeFileSync(`${file}.gz`, gzip);
      size.gzip = gzip.length;
    }
  }
  sizes.push(size);
}
console.log(JSON.stringify(sizes));
