import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const tests = resolve(import.meta.dirname ?? '.', '..');
const timeouts = { start: 30_000, stop: 15_000 };

/** Starts Tern on a free port with a data folder of its own; the returned function stops it and checks its exit code. */
export default async function startTern(): Promise<() => Promise<void>> {
  const local = process.env.TERN_LOCAL ?? resolve(tests, '../../target/debug/local');
  const dist = process.env.TERN_DIST ?? resolve(tests, '../dist');
  for (const [what, path] of [['the server', local], ['the web app', join(dist, 'index.html')]]) {
    if (!existsSync(path)) {
      throw new Error(`${what} is not built (${path}): \`cargo xtask test browser\` builds both`);
    }
  }

  const data = mkdtempSync(join(tmpdir(), 'tern-journeys-'));
  mkdirSync(join(tests, 'results'), { recursive: true });
  const log = createWriteStream(join(tests, 'results/local.log'));
  const server = spawn(local, ['--port', '0', '--data', data, '--web', dist], { stdio: ['ignore', 'pipe', 'pipe'] });
  server.stderr.pipe(log, { end: false });

  process.env.TERN_URL = await address(server, (text) => log.write(text));

  return async () => {
    const code = await stop(server);
    rmSync(data, { recursive: true, force: true });
    if (code !== 0) {
      throw new Error(`the server did not stop cleanly: ${code} (see results/local.log)`);
    }
  };
}

/** The address of the line `listening on http://127.0.0.1:N`. */
function address(server: ChildProcess, keep: (text: string) => void): Promise<string> {
  return new Promise((found, failed) => {
    const late = setTimeout(() => failed(new Error('the server printed no address')), timeouts.start);
    let output = '';
    let listening = false;
    server.stdout!.setEncoding('utf8').on('data', (text: string) => {
      keep(text);
      if (listening) {
        return;
      }
      output += text;
      const line = /^listening on (http:\/\/\S+)$/m.exec(output);
      if (line) {
        listening = true;
        clearTimeout(late);
        found(line[1]);
      }
    });
    server.once('exit', (code, signal) => {
      clearTimeout(late);
      failed(new Error(`the server ended before it listened: ${code ?? signal} (see results/local.log)`));
    });
    server.once('error', failed);
  });
}

/** Stops the server; returns its exit code, or the signal that was needed. */
async function stop(server: ChildProcess): Promise<number | string | null> {
  if (server.exitCode !== null) {
    return server.exitCode;
  }
  const ended = new Promise<number | string | null>((done) => server.once('exit', (code, signal) => done(code ?? signal)));
  server.kill('SIGTERM');
  const late = setTimeout(() => server.kill('SIGKILL'), timeouts.stop);
  const code = await ended;
  clearTimeout(late);
  return code;
}
