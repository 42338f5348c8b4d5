import { type Agents, createAgents } from "./agents.ts";
import { createDial, type Dial, type DialRules } from "./dial.ts";
import { EgressRefused } from "./refusal.ts";

/** A way out, for as long as it is open. */
export type Egress = {
  /** For HTTP clients. */
  readonly agents: Agents;
  readonly dial: Dial;
  /** Ends the connections that are open; new ones are refused from then on. */
  readonly close: () => void;
};

/** Opens a way out that connects as the rules say. */
export function openEgress(rules: DialRules): Egress {
  const dialChecked = createDial(rules);
  let isClosed = false;
  const refuseClosed = (): void => {
    if (isClosed) throw new EgressRefused("The network attachment has been released.");
  };
  const dial: Dial = async (host, port) => {
    refuseClosed();
    const socket = await dialChecked(host, port);
    try {
      refuseClosed();
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return socket;
  };
  const agents = createAgents(dial);
  return {
    agents,
    dial,
    close: () => {
      isClosed = true;
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
