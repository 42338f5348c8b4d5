// Many seeds of the leak simulation.
import { openLeakServer } from "./leak-server.ts";
import { LeakWorld, type Seen } from "./leak-world.ts";

const seedsPerWorld = 10;

/**
 * Runs seeds, each a change of some world with questions meanwhile and a look at all of it in the
 * end, until something leaks. Ten of them follow each other in one world, so the history of a leak
 * begins at the seed that opened its world; what leaks names it.
 */
export async function runLeakWorlds(
  options: Parameters<typeof openLeakServer>[0] & {
    readonly first: number;
    readonly seeds: number;
    readonly servers: number;
  },
): Promise<Seen> {
  const { first, seeds, servers, ...rest } = options;
  const seen: Seen = {
    leaks: [],
    seeds: 0,
    questions: 0,
    words: 0,
    listed: 0,
    syncs: 0,
    crashes: 0,
  };
  let next = first;
  const run = async (): Promise<void> => {
    await using server = await openLeakServer(rest);
    while (next < first + seeds && seen.leaks.length === 0) {
      const begin = next;
      const end = Math.min(begin + seedsPerWorld, first + seeds);
      next = end;
      const world = await LeakWorld.open(server, begin, seen);
      for (let seed = begin; seed < end && seen.leaks.length === 0; seed += 1) {
        await world.step(seed);
        seen.seeds += 1;
      }
      await world.close();
    }
  };
  await Promise.all(Array.from({ length: servers }, run));
  return seen;
}
