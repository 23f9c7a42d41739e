import { describe, expect, it } from "vitest";
import type { Messages } from "../src/api/types";
import { heading, isThere, useStore } from "./support";

describe.skipIf(!isThere("shop"))("search", () => {
  const shop = useStore("shop");

  const example = async () => {
    const { messages } = await shop.ask<Messages>("/messages?limit=100");
    const found = messages.find(
      ({ message }) => message.offset !== null && message.key !== null && message.trace_id !== null,
    );
    if (!found) {
      throw new Error("the store has no message with an offset, a key and a trace");
    }
    return found.message;
  };

  it("leads from TOPIC/PARTITION@OFFSET to the message", async () => {
    const { topic, partition, offset } = await example();
    const page = await shop.open("/");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(`${topic}/${partition}@${offset}`);
    await page.keyboard.press("Enter");
    await page.locator("[data-test=verdict]").waitFor();
    expect(await heading(page)).toBe(`${topic}/${partition}@${offset}`);
  });

  it("leads from a trace's id to the trace", async () => {
    const { trace_id } = await example();
    const page = await shop.open("/loss");
    await page.getByLabel("Find a message, a trace or a key").fill(`${trace_id}`);
    await page.keyboard.press("Enter");
    await page.getByRole("treegrid").waitFor();
    expect(page.url()).toContain(`trace?id=${trace_id}`);
  });

  it("leads from a key to its messages, and only these", async () => {
    const { key } = await example();
    const page = await shop.open("/");
    await page.getByLabel("Find a message, a trace or a key").fill(`${key}`);
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Messages" }).locator("tbody tr").first().waitFor();
    const keys = await page.locator("tbody td:nth-child(5)").allTextContents();
    expect(new Set(keys)).toEqual(new Set([key]));
  });

  it("filters messages by partition and by error, says so in the address, and clears it", async () => {
    const page = await shop.open("/messages");
    await page.getByLabel("Partition").fill("1");
    await page.getByLabel("Partition").press("Enter");
    await page.waitForURL(/partition=1/);
    await page.waitForFunction(() =>
      [...document.querySelectorAll("tbody td:nth-child(3)")].every((cell) => cell.textContent === "1"),
    );
    await page.getByLabel("only failed sends").check();
    await page.waitForURL(/error=true/);
    await page.getByRole("button", { name: "Clear" }).click();
    expect(new URL(page.url()).search).toBe("");
  });

  it("goes on to older messages, and back with the back button", async () => {
    const page = await shop.open("/messages?live=off");
    const first = page.locator("tbody tr").first();
    const newest = await first.textContent();
    await page.getByRole("button", { name: "Older" }).click();
    await page.waitForURL(/cursor=/);
    await page.waitForFunction((text) => document.querySelector("tbody tr")?.textContent !== text, newest);
    await page.goBack();
    await page.waitForFunction((text) => document.querySelector("tbody tr")?.textContent === text, newest);
  });

  it("finds traces with errors, the longest first when asked for", async () => {
    const page = await shop.open("/traces?error=true&sort-traces=-duration_ms");
    await page.locator("tbody tr").first().waitFor();
    expect(await page.locator("th[aria-sort=descending]").textContent()).toContain("Duration");
    expect(await page.locator("tbody tr", { has: page.locator(".mark.tone-bad") }).count()).toBe(
      await page.locator("tbody tr").count(),
    );
  });

  it("says it when nothing matches", async () => {
    const page = await shop.open("/messages?key=nobody-has-this-key");
    await page.getByText("No message like this in this window.").waitFor();
  });
});
