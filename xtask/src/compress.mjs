// Writes a .br and a .gz beside every file of a folder that gets smaller by it. Node has both as machine code; a Rust
// crate in an unoptimised xtask takes half a minute for the same.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const compressible = /\.(css|html|ico|ics|js|json|map|svg|txt|wasm|webmanifest|xml)$/;

for (const entry of readdirSync(process.argv[2], { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !compressible.test(entry.name)) {
    continue;
  }
  const file = join(entry.parentPath ?? entry.path, entry.name);
  const content = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  for (const [ending, compressed] of [
    ['br', brotliCompressSync(content, { params })], // quality 11 is the default
    ['gz', gzipSync(content, { level: 9 })],
  ]) {
    if (compressed.length < content.length) {
      writeFileSync(`${file}.${ending}`, compressed);
    }
  }
}
