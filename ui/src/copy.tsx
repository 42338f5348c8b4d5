import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons.tsx";

/** Copies an answer as it was sent, and says so for a moment. */
export function CopyButton(props: { readonly text: string; readonly onCopied: () => void }): VNode {
  const [outcome, setOutcome] = useState<"none" | "copied" | "failed">("none");
  useEffect(() => {
    if (outcome === "none") return undefined;
    const timer = setTimeout(() => setOutcome("none"), 2500);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => {
    const isCopied = await writeClipboard(props.text);
    setOutcome(isCopied ? "copied" : "failed");
    if (isCopied) props.onCopied();
  };
  return (
    <>
      <button
        type="button"
        class="quiet round"
        aria-label="Copy answer"
        onClick={() => void copy()}
      >
        <Icon shape={outcome === "copied" ? "check" : "copy"} />
      </button>
      <span class={outcome === "failed" ? "thanks" : "unseen"} role="status">
        {outcome === "copied" && "Copied."}
        {outcome === "failed" && "The browser did not allow copying."}
      </span>
    </>
  );
}

/** Without the clipboard interface (frames without its permission, plain http) the old command may still work. */
async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return isCopied;
  }
}
