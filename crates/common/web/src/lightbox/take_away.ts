/** Taking the open photo away: into the phone's photos by its share sheet, else as a download. */
import type PhotoSwipe from "photoswipe";
import { find } from "../dom";
import { setIcon } from "./icon";
import type { LinkOf } from "./tools";

interface Tool {
  name: string;
  label: string;
  symbol: string;
  order: number;
  init: (button: HTMLElement) => void;
}

/** A phone keeps a downloaded picture among its files; its share sheet can put it where people look for pictures. */
function sharesFiles(): boolean {
  if (!matchMedia("(pointer: coarse)").matches || !navigator.canShare) return false;
  return navigator.canShare({ files: [new File(["x"], "photo.jpg", { type: "image/jpeg" })] });
}

export function takesAway(current: LinkOf, add: (tool: Tool) => void, pswp: PhotoSwipe): void {
  if (!find(".tile-link[data-download]")) return;
  const shares = sharesFiles();
  add({
    name: "take",
    label: shares ? "Save or share this photo" : "Download this photo",
    symbol: shares ? "share" : "download",
    order: 9,
    init: (button) => {
      let ready: { address: string; file: File } | null = null;
      pswp.on("change", () => {
        ready = null;
        button.hidden = !current()?.dataset["download"];
        button.removeAttribute("aria-busy");
        setIcon(button, shares ? "share" : "download");
      });
      button.addEventListener("click", async () => {
        const address = current()?.dataset["download"];
        if (!address || button.getAttribute("aria-busy")) return;
        if (!shares) return location.assign(address);
        button.setAttribute("aria-busy", "true");
        try {
          if (ready?.address !== address) ready = { address, file: await fileAt(address) };
          await navigator.share({ files: [ready.file] });
        } catch (error) {
          // Too long after the touch the sheet stays shut: the next touch finds the file at hand.
          if (error instanceof DOMException && error.name === "NotAllowedError") setIcon(button, "check2-circle");
          else if (!(error instanceof DOMException && error.name === "AbortError")) location.assign(address);
        } finally {
          button.removeAttribute("aria-busy");
        }
      });
    },
  });
}

async function fileAt(address: string): Promise<File> {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const name = /filename\*=UTF-8''([^;]+)/i.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  const blob = await answer.blob();
  return new File([blob], name ? decodeURIComponent(name) : "photo.jpg", { type: blob.type || "image/jpeg" });
}
