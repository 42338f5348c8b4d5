import { formatCell } from "./cell-format.ts";

const duration = /^(-?)PT(\d{1,9})H(\d{1,2})M(\d{1,2})/;

/**
 * The text of a spreadsheet's cell: dates, times, shares and numbers as the cells of Excel files
 * are told, whatever the language of the program that wrote them; everything else as it is shown.
 * Source: OASIS OpenDocument 1.3 part 3, "office:value-type".
 */
export function odfCellText(attributes: ReadonlyMap<string, string>, shown: string): string {
  const type = attributes.get("office:value-type") ?? "";
  if (type === "date") return dateText(attributes.get("office:date-value")) ?? shown;
  if (type === "time") return timeText(attributes.get("office:time-value")) ?? shown;
  if (type === "boolean")
    return booleans.get(attributes.get("office:boolean-value") ?? "") ?? shown;
  if (type === "string") return shown || (attributes.get("office:string-value") ?? "");
  const value = attributes.get("office:value") ?? "";
  if (value === "" || !Number.isFinite(Number(value))) return shown;
  if (type === "float") return formatCell(Number(value), undefined, false);
  if (type === "percentage") {
    return formatCell(Number(value), { isDate: false, isPercent: true }, false);
  }
  if (type !== "currency" || shown !== "") return shown;
  return `${value} ${attributes.get("office:currency") ?? ""}`.trim();
}

const booleans = new Map([
  ["true", "TRUE"],
  ["false", "FALSE"],
]);

/** `2025-12-09T18:00:00` is `2025-12-09 18:00`; a midnight says nothing. */
function dateText(value = ""): string | undefined {
  if (!/^-?\d{4,6}-\d\d-\d\d(?:$|T\d\d:\d\d)/.test(value)) return undefined;
  const [day = "", time = ""] = value.split("T");
  const clock = time.slice(0, 8).replace(/:00$/, time.length > 5 ? "" : "$&");
  return clock === "00:00" || clock === "" ? day : `${day} ${clock}`;
}

/** `PT18H05M00S` is `18:05`. */
function timeText(value = ""): string | undefined {
  const found = duration.exec(value);
  if (found === null) return undefined;
  const [, sign = "", ...parts] = found;
  const [hours = "", minutes = "", seconds = ""] = parts.map((part) => part.padStart(2, "0"));
  return `${sign}${hours}:${minutes}${seconds === "00" ? "" : `:${seconds}`}`;
}
