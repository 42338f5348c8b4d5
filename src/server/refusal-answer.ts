import { type Authentication, nameRefusal, type Refusal } from "../sigv4/sigv4.ts";
import { headerOf, type Incoming, type Outgoing } from "./exchange.ts";

/**
 * The answer to a request whose sender is not proven, in the protocol that its client speaks: XML
 * for the query services, JSON for the rest ("Common error types", AWS General Reference).
 */
export function refusalAnswer(
  incoming: Incoming,
  refusal: Refusal,
  about: { readonly requestId: string; readonly authentication: Authentication | undefined },
): Outgoing {
  const { requestId, authentication } = about;
  const service = authentication?.scope.service ?? guessService(incoming);
  const isQuery = service === "iam" || service === "sts";
  const { code, status, message } = nameRefusal(refusal, isQuery ? "query" : "restJson");
  const headers = {
    "x-amzn-requestid": requestId,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  if (isQuery) {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status, headers: { ...headers, "content-type": "text/xml" }, body };
  }
  if (service === "kms") {
    // The protocol has no other status for what is the client's fault.
    const body = JSON.stringify({ __type: code, message });
    const type = "application/x-amz-json-1.1";
    return { status: 400, headers: { ...headers, "content-type": type }, body };
  }
  return {
    status,
    headers: { ...headers, "content-type": "application/json", "x-amzn-errortype": code },
    body: JSON.stringify({ __type: code, message }),
  };
}

/** Without a signature nothing says which service is meant; only the query services take forms. */
function guessService(incoming: Incoming): string {
  if (headerOf(incoming, "x-amz-target")?.startsWith("TrentService.") === true) return "kms";
  const type = headerOf(incoming, "content-type") ?? "";
  const isForm = type.startsWith("application/x-www-form-urlencoded");
  return isForm && incoming.rawTarget.split("?")[0] === "/" ? "iam" : "qbusiness";
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
