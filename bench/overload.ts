/** Overload in figures. `node --conditions=@tessera/source bench/overload.ts [seconds]` */
import { overload } from './load/overload.ts';
import { startProgram } from './program.ts';
import type { Contestant } from './servers/contestant.ts';

const seconds = Number(process.argv[2] ?? 10);
const server = startProgram(new URL('servers/tessera.ts', import.meta.url));
try {
  const { port } = await server.call<Contestant>('listen');
  const { peak, pressed, health, quiet } = await overload(port, seconds);
  const figures = {
    peakPerSecond: Math.round(peak.good.count / seconds),
    goodputPerSecond: Math.round(pressed.good.count / seconds),
    /** Of the peak. */
    goodputShare: pressed.good.count / peak.good.count,
    admittedP99Ms: pressed.good.p99Ms(),
    shed: pressed.shed,
    failed: pressed.failed,
    healthMaxMs: health.good.longestMs,
    healthFailed: health.shed + health.failed,
    quietP99Ms: quiet.good.p99Ms(),
    quietFailed: quiet.shed + quiet.failed,
  };
  process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
  const { goodputShare, admittedP99Ms, healthMaxMs, healthFailed, quietFailed, failed } = figures;
  const holds =
    goodputShare >= 0.8 &&
    admittedP99Ms <= 1000 &&
    healthMaxMs <= 1000 &&
    healthFailed + quietFailed + failed === 0;
  process.exitCode = holds ? 0 : 1;
} finally {
  await server.stop();
}
