/** Working with photos: deeds without leaving the page, an order by hand, keys. */
import { all, find } from "./dom";
import { deeds } from "./desk/deeds";
import { keys } from "./desk/keys";
import { ordering } from "./desk/order";
import { retries } from "./desk/retry";

function autosubmit(): void {
  for (const form of all<HTMLFormElement>("form[data-autosubmit]")) {
    find("select", form)?.addEventListener("change", () => form.requestSubmit());
  }
}

/** On a phone the tabs are pushed sideways: the one that is open must be seen. */
function showTab(): void {
  const tabs = find(".desk-tabs");
  const current = tabs && find("[aria-current]", tabs);
  if (current) tabs.scrollLeft = current.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
}

showTab();
const grid = find("[data-grid]");
const bar = find<HTMLFormElement>("[data-selection]");
autosubmit();
if (grid && bar) {
  deeds(bar);
  ordering(grid, bar);
  keys(grid, bar);
  retries(grid);
}
