/** Where further photos come from while the lightbox is open. */
export interface More {
  /** Whether there are any. */
  has(): boolean;
  /** Adds a page of them to the document. False when there are none, or they could not be had. */
  load(): Promise<boolean>;
}
