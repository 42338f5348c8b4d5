import type { Page } from "playwright-core";

// Runs in the page. Colours are painted on a canvas to read them back, so every notation of CSS is understood;
// translucent grounds are laid over each other as the browser does it.
const script = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => rgb
    .map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const grounds = (element) => {
    const found = [];
    for (let at = element; at; at = at.parentElement) found.unshift(getComputedStyle(at).backgroundColor);
    return found;
  };
  const results = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === "" || element.closest(".unseen, noscript") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const below = grounds(element);
    const [a, b] = [luminance(paint([...below, style.color])), luminance(paint(below))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    results.push({ text: node.data.trim().slice(0, 40), ratio, isEnough: ratio >= (isLarge ? 3 : 4.5) });
  }
  return results;
})()`;

export type TextContrast = {
  readonly text: string;
  readonly ratio: number;
  readonly isEnough: boolean;
};

/** The contrast of every visible text of a page against its ground, and whether WCAG 2.1 AA is content with it. */
export function textContrasts(page: Page): Promise<readonly TextContrast[]> {
  return page.evaluate(script);
}
