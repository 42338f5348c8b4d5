import type { VNode } from "preact";

const shapes = {
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  stop: "M8 8h8v8H8z",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "m5 12.5 4.5 4.5L19 7.5",
  up: "M7 11v9H4v-9zm0 0 4-7.5c1.5 0 2.4 1 2.2 2.5L12.7 10H18a2 2 0 0 1 2 2.4l-1.3 6A2 2 0 0 1 16.7 20H7",
  down: "M17 13V4h3v9zm0 0-4 7.5c-1.5 0-2.4-1-2.2-2.5l.5-4H6a2 2 0 0 1-2-2.4l1.3-6A2 2 0 0 1 7.3 4H17",
  close: "m6 6 12 12M18 6 6 18",
  again: "M19 12a7 7 0 1 1-2.3-5.2M19 4v4.5h-4.5",
  plus: "M12 5v14M5 12h14",
  out: "M9 5h10v10M19 5 6 18",
} as const;

/** A small drawing beside words or in a button that has a name; itself it says nothing. */
export function Icon({ shape }: { readonly shape: keyof typeof shapes }): VNode {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      width="20"
      height="20"
      aria-hidden="true"
      focusable="false"
    >
      <path d={shapes[shape]} />
    </svg>
  );
}

/** Layers of stone with a find in the top one. */
export function Mark(): VNode {
  return (
    <svg
      class="mark"
      viewBox="0 0 24 24"
      width="24"
      height="24"
      aria-hidden="true"
      focusable="false"
    >
      <path d="M3 18.5h18M6.5 12H21M3 5.5h11" />
      <circle cx="19" cy="5.5" r="1.9" />
    </svg>
  );
}
