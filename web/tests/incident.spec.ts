import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Lag } from "../src/api/types";
import { heading, isThere, pictureOptions, takePicture, useStore } from "./support";

// The story of tests/web/shop_story.py: the bank was slow, billing is behind, and shipping waits for it. What is clicked here
// can be read on the page, and each step's picture is in docs/server.md.
describe.skipIf(!isThere("story"))("somebody who knows no manual", () => {
  const shop = useStore("story");

  it("clicks from a peak of lag to the message that waited, and to who suffers", async () => {
    const { groups } = await shop.ask<Lag>("/lag");
    expect(groups[0]?.group).toBe("billing");
    const page = await shop.open("/", pictureOptions);
    await link(page, "Consumer groups", "billing").waitFor();
    await takePicture(page, "overview", 940);

    await link(page, "Consumer groups", "billing").click();
    expect(await heading(page)).toBe("Lag");
    await page
      .getByText(/^peak: [\d,]+$/)
      .first()
      .click();
    const moment = page.getByRole("region", { name: "The chosen moment" });
    const waited = moment
      .getByText(/^Waited first/)
      .first()
      .getByRole("link");
    await waited.waitFor();
    // What it says is of that moment: now they wait for less than four minutes.
    await moment.getByRole("heading", { name: "Who waited behind it then" }).waitFor();
    const held = moment.locator("li li");
    await held.first().waitFor();
    expect(await held.allTextContents()).toEqual([
      expect.stringMatching(/^orders waits 6 min( \d+ s)?, 1\d\d messages$/),
      expect.stringMatching(/^shipping waits 6 min/),
    ]);
    await takePicture(page, "lag", 860);

    const name = `${await waited.textContent()}`;
    expect(name).toMatch(/^orders\/\d@\d+$/);
    await waited.click();
    const lane = page.getByRole("region", { name: "group billing" });
    await lane.getByText(/^waited \d min \d+ s in the log$/).waitFor();
    expect(await heading(page)).toBe(name);
    await takePicture(page, "message", 980);

    await lane.getByRole("link", { name: "who waits behind it" }).click();
    const panel = page.getByRole("region", { name: "group billing" });
    await panel.getByRole("heading", { name: "Who waits behind it" }).waitFor();
    expect(await panel.locator("li li").allTextContents()).toEqual([
      expect.stringMatching(/^orders waits \d+ min( \d+ s)?, \d+ messages$/),
      expect.stringMatching(/^shipping waits \d+ min/),
    ]);
    await takePicture(page, "flow", 720);
    await page.emulateMedia({ colorScheme: "dark" });
    await takePicture(page, "flow-dark", 720);
  });

  it("sees where the time of an order went, and what was lost", async () => {
    const page = await shop.open("/lag", { ...pictureOptions, colorScheme: "dark" });
    await page
      .getByText(/^peak: [\d,]+$/)
      .first()
      .click();
    await page
      .getByText(/^Waited first/)
      .first()
      .getByRole("link")
      .click();
    await page.getByRole("link", { name: "Trace", exact: true }).click();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("region", { name: "Critical path" }).getByText("in the log").waitFor();
    await takePicture(page, "trace", 560);

    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("link", { name: "Loss", exact: true }).click();
    await page.getByRole("article", { name: "payments" }).waitFor();
    await page.getByText("It never left the client of billing.").first().waitFor();
    await takePicture(page, "loss", 940);
  });
});

function link(page: Page, region: string, name: string) {
  return page.getByRole("region", { name: region }).getByRole("link", { name, exact: true });
}
