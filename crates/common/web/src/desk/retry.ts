/** “Try again” on the tile of a failed photo, without leaving the page. */
import { getJson, sendJson, type Photo } from "../api";
import { watch } from "../live";
import { fillTile } from "../tiles";
import { toast } from "./toast";

export function retries(grid: HTMLElement): void {
  grid.addEventListener("submit", (event) => {
    const form = (event.target as Element).closest("[data-retry]");
    const id = Number(form?.closest<HTMLElement>("[data-photo]")?.dataset["photo"]);
    if (!id) return;
    event.preventDefault();
    void again(id);
  });
}

async function again(id: number): Promise<void> {
  try {
    await sendJson("POST", `/api/photos/${id}/retry`, null);
    // However quick the worker was: what became of it is asked for next.
    await fillTile({ ...(await getJson<Photo>(`/api/photos/${id}`)), status: "pending" });
    watch(id);
  } catch (error) {
    toast((error as Error).message);
  }
}
