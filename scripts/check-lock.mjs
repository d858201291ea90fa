/**
 * The lockfile must serve every platform and any registry: each optional (native) package of each entry is in it, and
 * no entry carries a registry's address. A lockfile made where the newest native packages exist for one platform only
 * makes `npm ci` fail everywhere.
 */
import { readFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const { packages } = JSON.parse(readFileSync(file, 'utf8'));
const faults = Object.entries(packages).flatMap(([path, entry]) => [
  ...Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !resolves(path, name))
    .map((name) => `${path || 'the project'} needs ${name}, which has no entry`),
  ...(entry.resolved ? [`${path} names the registry that it came from: ${entry.resolved}`] : []),
]);

for (const fault of faults) console.error(`✖ package-lock.json: ${fault}`);
if (faults.length > 0) {
  console.error(
    '  Next  rm -rf node_modules package-lock.json && npm install, with versions that exist for all platforms',
  );
  process.exitCode = 1;
}

/** Whether `name` is found from `path` as Node finds it: in its own node_modules, then upwards. */
function resolves(path, name) {
  for (let folder = path; folder !== ''; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder}/node_modules/${name}`]) return true;
  }
  return Boolean(packages[`node_modules/${name}`]);
}
