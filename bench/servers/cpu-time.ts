/** Microseconds of processor time this process has used; unlike the clock's time, neighbours on the machine hardly move it. */
export function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
