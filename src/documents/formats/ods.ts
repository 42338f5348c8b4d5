import type { Block, Extraction } from "../block.ts";
import { odfCellText } from "./odf-cell.ts";
import { createOdfGrids } from "./odf-grid.ts";
import { openOpenDocument } from "./odf-parts.ts";
import { openOdfTable, tableElements } from "./odf-table.ts";
import type { OdfTable } from "./odf-table.ts";
import { walkOpenDocument } from "./odf-walk.ts";
import { sheetBlocks } from "./xlsx.ts";

const withAttributes = new Set(["table:table", ...tableElements]);
/** The style of copies that programs keep of sheets of other files. */
const foreignSheetStyle = "ta_extref";

/** Reads OpenDocument spreadsheets: one table per sheet under its name; pages are sheets, from 1. */
export function readOds(bytes: Buffer): Extraction {
  const { content, title, warnings } = openOpenDocument(bytes);
  const blocks: Block[] = [];
  const grids = createOdfGrids();
  let pages = 0;
  let name = "";
  let table: OdfTable | undefined;

  const endSheet = (): void => {
    if (table !== undefined) blocks.push(...sheetBlocks(name, table.rows, pages));
    table = undefined;
  };
  walkOpenDocument(
    content,
    {
      open(element, attributes) {
        if (table !== undefined) return table.open(element, attributes);
        if (element !== "table:table") return;
        pages += 1;
        name = attributes.get("table:name") ?? "";
        table = openOdfTable(grids.open(), odfCellText);
      },
      close(element) {
        if (table?.close(element) === "ended") endSheet();
      },
      text: (text) => table?.text(text),
    },
    { attributesOf: withAttributes, isLeftOut },
  );
  endSheet();
  return {
    ...(title === undefined ? {} : { title }),
    blocks,
    pages,
    warnings: [...warnings, ...grids.warnings()],
  };
}

/** Drawings over the cells; and what is no sheet of this file. */
function isLeftOut(name: string, attributes: ReadonlyMap<string, string>): boolean {
  if (name === "table:table") return attributes.get("table:style-name") === foreignSheetStyle;
  return name.startsWith("draw:") || name === "table:shapes";
}
