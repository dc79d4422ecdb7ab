/**
 * Runs before every npm script, with whatever Node (>= 20) the machine has and before anything is installed:
 * installs what package-lock.json lists if it is not installed yet, then makes sure that Node 24 and the
 * embedded ClickHouse really work. Says what to do in one line and exits 1 if they do not.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = path.join(root, 'node_modules');
const lockfile = path.join(root, 'package-lock.json');
/** npm writes this file last, so after an interrupted install it is missing. */
const installedLockfile = path.join(modules, '.package-lock.json');
const stampFile = path.join(modules, '.countinghouse-installed');
const node24 = path.join(modules, '.bin', 'node');
const nodeMajor = 24;

class Unusable extends Error {}

function unsupportedPlatform() {
  if (process.platform === 'darwin') return null;
  if (process.platform !== 'linux') return `${process.platform} is not supported: use Linux, macOS or WSL`;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return glibcVersionRuntime === undefined
    ? 'the embedded ClickHouse needs a Linux with glibc (not musl)'
    : null;
}

/** What the stamp holds after a good install: the exact lock file, on this kind of machine. */
function expectedStamp() {
  const lockHash = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
  return `${lockHash} ${process.platform} ${process.arch}\n`;
}

function isStamped() {
  return (
    existsSync(node24) &&
    existsSync(installedLockfile) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === expectedStamp()
  );
}

/** True if an `npm ci` by hand has installed every package; optional ones depend on the machine. */
function isInstalledByHand() {
  if (!existsSync(installedLockfile)) return false;
  const wanted = JSON.parse(readFileSync(lockfile, 'utf8')).packages;
  const present = JSON.parse(readFileSync(installedLockfile, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([name, { version, optional }]) =>
      name === '' ||
      optional ||
      (present[name]?.version === version && existsSync(path.join(root, name, 'package.json'))),
  );
}

/** The npm that runs this script, else the one on PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && path.basename(cli) === 'npm-cli.js') return [process.execPath, cli];
  return ['npm'];
}

function install() {
  const startedMs = Date.now();
  console.error('Installing what package-lock.json lists (about 1.3 GB, once) ...');
  // An install that is killed while npm still removes the old packages must not look complete.
  for (const file of [stampFile, installedLockfile]) rmSync(file, { force: true });
  const [command, ...prefix] = npmCommand();
  const options = ['--include=dev', '--include=optional', '--ignore-scripts=false', '--loglevel=error'];
  const npm = spawnSync(command, [...prefix, 'ci', ...options], {
    cwd: root,
    // Standard output belongs to the script that was asked for.
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0) throw new Unusable('npm ci failed (see above): check the network and run it again');
  console.error(`Installed in ${Math.round((Date.now() - startedMs) / 1000)} s.`);
}

function outputOfNode24(script) {
  const child = spawnSync(node24, ['-e', script], { cwd: root, encoding: 'utf8' });
  return child.status === 0 ? child.stdout.trim() : null;
}

/** Null if everything works, else one line about what to do. */
function brokenPart() {
  const version = outputOfNode24('console.log(process.versions.node)');
  if (version === null || Number.parseInt(version, 10) !== nodeMajor) {
    const found = version === null ? 'does not run' : `is Node ${version}`;
    return `node_modules/.bin/node ${found}, not Node ${nodeMajor}: delete node_modules and run \`npm ci --include=dev --ignore-scripts=false\``;
  }
  if (outputOfNode24("console.log(require('chdb').query('SELECT 42', 'TabSeparated'))") !== '42') {
    const machine = `${process.platform}-${process.arch}`;
    return `the embedded ClickHouse (chdb) does not load on ${machine}: delete node_modules and run \`npm ci --include=dev --include=optional\``;
  }
  return null;
}

function bootstrap() {
  if (isStamped()) return;
  const unsupported = unsupportedPlatform();
  if (unsupported !== null) throw new Unusable(unsupported);
  if (!isInstalledByHand() || brokenPart() !== null) {
    install();
    const broken = brokenPart();
    if (broken !== null) throw new Unusable(broken);
  }
  writeFileSync(stampFile, expectedStamp());
}

try {
  bootstrap();
} catch (error) {
  if (!(error instanceof Unusable)) throw error;
  console.error(`countinghouse: ${error.message}`);
  process.exitCode = 1;
}
