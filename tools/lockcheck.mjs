// Fails when package-lock.json lacks an optional (platform) package: `npm ci` would refuse it.
import { readFileSync } from 'node:fs';
const { packages } = JSON.parse(readFileSync(process.argv[2] ?? 'package-lock.json', 'utf8'));
const found = (from, name) => {
  for (let dir = from; ; ) {
    if (packages[`${dir ? `${dir}/` : ''}node_modules/${name}`]) return true;
    if (!dir) return false;
    const i = dir.lastIndexOf('/node_modules/');
    dir = i > 0 ? dir.slice(0, i) : '';
  }
};
let bad = 0;
for (const [key, p] of Object.entries(packages)) {
  const missing = Object.keys(p.optionalDependencies ?? {}).filter((n) => !found(key, n));
  if (missing.length > 0) {
    bad++;
    console.error(`${key}@${p.version} lacks ${missing.join(' ')}`);
  }
}
if (bad > 0) process.exit(1);
console.log('lock complete');
