import { useEffect, useState } from "preact/hooks";
import { NotReached, Refused, SessionOver, type SessionState, type Tier } from "./tier.ts";

const warnMsBefore = 2 * 60_000;

export type Session =
  | { readonly kind: "opening" }
  | { readonly kind: "unreached"; readonly retry: () => void }
  | { readonly kind: "refused"; readonly message: string; readonly retry: () => void }
  | { readonly kind: "none"; readonly message: string }
  | {
      readonly kind: "open" | "closing" | "over";
      readonly state: SessionState;
      readonly end: () => void;
    };

/** The visitor's session: fetched once, watched until it ends, ended early when the server says so. */
export function useSession(tier: Tier): Session {
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<SessionState | undefined>(undefined);
  const [problem, setProblem] = useState<Error | undefined>(undefined);
  const [phase, setPhase] = useState<"open" | "closing" | "over">("open");

  useEffect(() => {
    setProblem(undefined);
    tier.state().then(setState, (error: unknown) => {
      setProblem(error instanceof Error ? error : new NotReached());
      const isExpected = [SessionOver, NotReached, Refused].some((kind) => error instanceof kind);
      if (!isExpected) console.error(error);
    });
  }, [tier, attempt]);

  useEffect(() => {
    if (state === undefined || !Number.isFinite(state.expiresAt)) return undefined;
    const look = (): void => {
      const left = state.expiresAt - Date.now();
      if (left <= 0) setPhase("over");
      else if (left <= warnMsBefore) setPhase((now) => (now === "over" ? now : "closing"));
    };
    look();
    // A sleeping computer stops timers; so the clock is read every second instead of waiting once.
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [state]);

  if (state !== undefined) return { kind: phase, state, end: () => setPhase("over") };
  const retry = (): void => setAttempt((count) => count + 1);
  if (problem === undefined) return { kind: "opening" };
  if (problem instanceof SessionOver) return { kind: "none", message: problem.message };
  if (problem instanceof Refused) return { kind: "refused", message: problem.message, retry };
  return { kind: "unreached", retry };
}

/** Whether the browser believes to be offline. */
export function useOffline(): boolean {
  const [isOffline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const look = (): void => setOffline(!navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return isOffline;
}
