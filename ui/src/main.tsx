import { render } from "preact";
import { Page } from "./page.tsx";
import { openTier } from "./tier.ts";

const place = document.getElementById("page");
if (place !== null) render(<Page tier={openTier(location.href)} />, place);
