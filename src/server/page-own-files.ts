// Files of the few pages that the server makes itself. They are here and not in the built page, so
// that links can be opened and errors read even where the page was not built.

/** Colours and type of the built page's own plain screens. */
export const plainStyle = `:root {
  color-scheme: light dark;
  --background: #f6f8f6;
  --foreground: #17211f;
  --muted: #53615d;
  --primary: #17443f;
  --ring: #a86a10;
}
@media (prefers-color-scheme: dark) {
  :root {
    --background: #101514;
    --foreground: #e3e9e6;
    --muted: #9aa9a4;
    --primary: #93cdc2;
    --ring: #e3b25c;
  }
}
body {
  display: flex;
  min-height: 100dvh;
  margin: 0;
  background: var(--background);
  color: var(--foreground);
  font: 1.0625rem/1.62 ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Noto Sans",
    "Liberation Sans", Arial, sans-serif;
  overflow-wrap: break-word;
}
main {
  width: 100%;
  max-width: 34rem;
  margin: auto;
  padding: clamp(1.125rem, 4vw, 2.5rem) clamp(1.125rem, 4vw, 2.5rem) 18vh;
}
main::before {
  content: "";
  display: block;
  width: 2rem;
  height: 1.25rem;
  margin-bottom: 1.5rem;
  border-block: 3px solid var(--primary);
  background: linear-gradient(var(--primary), var(--primary)) left / 70% 3px no-repeat;
}
h1 {
  margin: 0 0 1rem;
  font: 500 clamp(2rem, 1.4rem + 2.8vw, 3.25rem) / 1.1 "Iowan Old Style", Charter,
    "Palatino Linotype", Palatino, "Noto Serif", Georgia, "Liberation Serif", serif;
  letter-spacing: -0.018em;
  text-wrap: balance;
}
h1:focus {
  outline: none;
}
p {
  margin: 0 0 1rem;
  color: var(--muted);
}
a {
  color: inherit;
}
button {
  min-height: 2.5rem;
  padding: 0.375rem 1rem;
  border: 0;
  border-radius: 99rem;
  background: var(--primary);
  color: var(--background);
  font: inherit;
  cursor: pointer;
}
:focus-visible {
  outline: 2.5px solid var(--ring);
  outline-offset: 2px;
}
`;

/**
 * Redeems a one-time link. A scanner or prefetcher that only fetches the link does not run this,
 * and a page that is rendered ahead of its visit waits until it is really visited.
 */
export const openScript = `const pathname = location.pathname.replace(/\\/+$/, "");
const site = pathname.replace(/\\/open$/, "");

function show(title, body) {
  document.title = title;
  document.body.replaceWith(body);
  const heading = document.querySelector("h1");
  if (heading !== null) {
    heading.tabIndex = -1;
    heading.focus();
  }
}

function showUnreached() {
  const body = document.createElement("body");
  const main = body.appendChild(document.createElement("main"));
  main.appendChild(document.createElement("h1")).textContent = "No connection";
  main.appendChild(document.createElement("p")).textContent =
    "The server could not be reached. The link has not been used up.";
  const again = main.appendChild(document.createElement("button"));
  again.type = "button";
  again.textContent = "Try again";
  again.addEventListener("click", () => location.reload());
  show("No connection", body);
}

async function open() {
  if (document.prerendering) {
    await new Promise((resolve) => {
      document.addEventListener("prerenderingchange", resolve, { once: true });
    });
  }
  const token = new URLSearchParams(location.search).get("token") ?? "";
  let answer;
  let text;
  try {
    answer = await fetch(pathname, {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual",
      headers: { "content-type": "application/json", "x-quarry-page": "1" },
      body: JSON.stringify({ token }),
    });
    text = await answer.text();
  } catch {
    showUnreached();
    return;
  }
  if (answer.type === "opaqueredirect") {
    location.replace(site);
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  show(page.title, document.adoptNode(page.body));
}

void open();
`;
