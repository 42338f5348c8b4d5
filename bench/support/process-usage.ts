// What a process and its children use, from /proc: Linux only, elsewhere nothing is known.
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc; fixed by the kernel's interface. */
const ticksPerSecond = 100;

/** CPU time in ms of one process with all its threads, own and the kernel's for it. */
export function cpuMsOf(pid: number): number | undefined {
  const fields = statOf(pid);
  if (fields === undefined) return undefined;
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return ((user + system) * 1000) / ticksPerSecond;
}

/** The process and everything it has started that still runs. */
export function familyOf(pid: number): readonly number[] {
  if (!existsSync("/proc")) return [];
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), Number(statOf(Number(name))?.[1])] as const);
  const family = [pid];
  for (const member of family) {
    family.push(...parents.filter(([, parent]) => parent === member).map(([child]) => child));
  }
  return family;
}

/** CPU time in ms of a process and its children. */
export function familyCpuMsOf(pid: number): number | undefined {
  return sum(familyOf(pid).map(cpuMsOf));
}

/** Resident memory in MB of a process and its children, shared pages counted once for each. */
export function residentMbOf(pid: number): number | undefined {
  return sum(familyOf(pid).map(residentOfOne));
}

function residentOfOne(pid: number): number | undefined {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`) ?? "");
  return line === null ? undefined : (Number(line[1]) * 1024) / 1e6;
}

/** The fields after the command's name, which may hold blanks itself: state, parent, … */
function statOf(pid: number): readonly string[] | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended, or this system has no /proc.
    return undefined;
  }
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}
