// The other engine in TypeScript that evaluates AWS policies. Its licence is none that we build on,
// so it is no dependency; whoever has it in their own clone sees both in one run:
//   npm install --no-save @cloud-copilot/iam-simulate
import { type AuthorizationRequest, principalName } from "../../src/iam/iam.ts";

// A name that the compiler does not know, so that nothing needs it.
const peer: string = "@cloud-copilot/iam-simulate";

type Result = { readonly resultType: string; readonly overallResult?: string };
type Simulate = (simulation: object, options: object) => Promise<Result>;

/** What the peer decided, request by request, and how long it took. */
export type PeerRun = {
  /** Whether it allowed; nothing where it takes the request for none. */
  readonly allowed: readonly (boolean | undefined)[];
  /** CPU time of a request that it decides, in microseconds; the best of three runs. */
  readonly microsPerDecision: number;
};

/** Asks the peer, with one identity policy; nothing where it is not installed. */
export async function askPeer(
  requests: readonly AuthorizationRequest[],
  policy: object,
): Promise<PeerRun | undefined> {
  const loaded: unknown = await import(peer).catch(() => undefined);
  if (loaded === undefined) return undefined;
  const { runSimulation } = loaded as { readonly runSimulation: Simulate };
  const all = requests.map((request) => simulationOf(request, policy));
  const allowed: (boolean | undefined)[] = [];
  for (const simulation of all) {
    const { overallResult } = await runSimulation(simulation, {});
    allowed.push(overallResult === undefined ? undefined : overallResult === "Allowed");
  }
  const decided = all.filter((_, i) => allowed[i] !== undefined);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run += 1) {
    const before = process.cpuUsage();
    for (const simulation of decided) await runSimulation(simulation, {});
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / decided.length);
  }
  return { allowed, microsPerDecision: best };
}

function simulationOf(request: AuthorizationRequest, policy: object): object {
  const { principal, action, resources, context } = request;
  const [resource] = resources;
  return {
    request: {
      principal: principalName(principal),
      action,
      resource: { resource: resource?.arn, accountId: resource?.account },
      contextVariables: context,
    },
    identityPolicies: [{ name: "connector", policy }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
}
