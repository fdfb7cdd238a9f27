/** Working with photos: deeds without leaving the page, an order by hand, keys. */
import { all, find } from "./dom";
import { deeds } from "./desk/deeds";
import { keys } from "./desk/keys";
import { ordering } from "./desk/order";

function autosubmit(): void {
  for (const form of all<HTMLFormElement>("form[data-autosubmit]")) {
    find("select", form)?.addEventListener("change", () => form.requestSubmit());
  }
}

const grid = find("[data-grid]");
const bar = find<HTMLFormElement>("[data-selection]");
autosubmit();
if (grid && bar) {
  deeds(bar);
  ordering(grid, bar);
  keys(grid, bar);
}
