import { readFileSync } from "node:fs";
import type { Download, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Flow, Lag, Loss, Messages, Overview, Trace } from "../src/api/types";
import { formatCount } from "../src/text/format";
import { heading, isThere, useStore } from "./support";

describe.skipIf(!isThere("shop"))("the pages", () => {
  const shop = useStore("shop");

  it("Overview shows the totals, each group and each topic", async () => {
    const overview = await shop.ask<Overview>("/overview");
    const page = await shop.open("/");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.locator(".tile").first().waitFor();
    expect(await page.locator(".tile").count()).toBe(7);
    for (const { topic } of overview.topics) {
      await page.getByRole("region", { name: "Topics" }).getByText(topic, { exact: true }).first().waitFor();
    }
    expect(await page.getByRole("slider").count()).toBe(2);
  });

  it("lead from a lag peak to the message that waited first, and to who suffers", async () => {
    const lag = await shop.ask<Lag>("/lag");
    const behind = [...lag.groups].sort((left, right) => right.lag - left.lag)[0];
    const page = await shop.open("/");
    await page.getByRole("link", { name: behind?.group, exact: true }).first().click();
    await page.locator("[data-test=peak]").first().click({ force: true });
    await page.locator("[data-test=moment]").waitFor();
    const waiting = page.locator("[data-test=moment] [data-test=waits-first]").first();
    await waiting.waitFor();
    const named = (await waiting.textContent()) ?? "";
    expect(named).toMatch(new RegExp(`^${behind?.topic}/\\d+@\\d+$`));
    await waiting.click();
    await page.locator("[data-test=verdict]").waitFor();
    expect(await heading(page)).toBe(named);
    expect(await page.locator("[data-test=lane]").count()).toBeGreaterThan(0);

    await page.goBack();
    await page.getByRole("link", { name: "see it in Flow" }).click();
    await page.locator("[data-test=node]").waitFor();
    // Only who holds others up has somebody waiting behind it.
    const { impact } = await shop.ask<Flow>("/flow");
    if (impact.some(({ node }) => node === `group:${behind?.group}`)) {
      expect(await page.locator("[data-test=node]").textContent()).toContain("Who waits behind it");
    }
  });

  it("Message shows the whole way, group by group, and leads to its trace and back", async () => {
    const { messages } = await shop.ask<Messages>("/messages?limit=50");
    const sent = messages.find(({ message }) => message.offset !== null)?.message;
    const page = await shop.open(
      `/message?topic=${sent?.topic}&partition=${sent?.partition}&offset=${sent?.offset}`,
    );
    await page.locator("[data-test=verdict]").waitFor();
    for (const station of ["Produced by", "Client queue", "Broker's answer", "In the log of"]) {
      await page.getByText(station).first().waitFor();
    }
    await page.locator(".page-tools").getByRole("link", { name: "Trace" }).click();
    await page.getByRole("treegrid").waitFor();
    await page.locator("[data-test=span]").getByRole("link", { name: /@/ }).first().click();
    await page.locator("[data-test=verdict]").waitFor();
  });

  it("Trace shows the critical path, and follows links both ways", async () => {
    const page = await shop.open("/traces");
    await page.getByRole("region", { name: "Traces" }).locator("tbody a").first().waitFor();
    const id = await traceWithLinks(shop.ask);
    await page.goto(`${shop.url}/trace?id=${id}`);
    await page.locator("[data-test=critical-path]").waitFor();
    await page.locator(".timeline-row", { hasText: "send" }).first().click();
    const panel = page.locator("[data-test=span]");
    await panel.getByRole("heading", { name: "Consumed by, or linked to by" }).waitFor();
    await panel.locator(".span-links button").first().click();
    await panel.getByRole("heading", { name: "Came from" }).waitFor();
    const before = page.url();
    await panel.locator(".span-links button").first().click();
    expect(page.url()).not.toBe(before);
  });

  it("Flow shows nodes and edges, and two windows beside one another", async () => {
    const flow = await shop.ask<Flow>("/flow");
    const page = await shop.open("/flow");
    await page.locator(".flow-node").first().waitFor();
    expect(await page.locator(".flow-node.is-topic").count()).toBe(
      flow.nodes.filter(({ kind }) => kind === "topic").length,
    );
    await page.getByRole("button", { name: "Compare" }).click();
    await page.getByText(/^Before:/).waitFor();
    expect(await page.locator("svg.flow").count()).toBe(2);
    expect(page.url()).toContain("compare=before");
  });

  it("Loss shows books that balance as the server counts them", async () => {
    const loss = await shop.ask<Loss>("/loss");
    const page = await shop.open("/loss");
    const topic = loss.topics[0];
    const books = page.getByRole("article", { name: topic?.topic, exact: true });
    await books.waitFor();
    expect(await books.locator(".balance").count()).toBe(1 + (topic?.groups.length ?? 0));
    await page.getByRole("region", { name: "The books" }).getByRole("button", { name: "CSV" }).waitFor();
  });

  it("give each list as CSV and as JSON", async () => {
    const page = await shop.open("/messages");
    const list = page.getByRole("region", { name: "Messages" });
    await list.locator("tbody tr").first().waitFor();
    const rows = await list.locator("tbody tr").count();
    const csv = await saved(page, () => list.getByRole("button", { name: "CSV" }).click());
    expect(csv.trimEnd().split("\r\n")).toHaveLength(rows + 1);
    expect(csv.split("\r\n")[0]).toBe("time,message,partition,offset,key,service,duration_ms,error,trace");
    const json = await saved(page, () => list.getByRole("button", { name: "JSON" }).click());
    expect(JSON.parse(json)).toHaveProperty("messages");
  });

  it("give a trace as OTLP JSON", async () => {
    const page = await shop.open(`/trace?id=${await traceWithLinks(shop.ask)}`);
    const otlp = await saved(page, () => page.getByRole("button", { name: "OTLP JSON" }).click());
    expect(JSON.parse(otlp)).toHaveProperty("resourceSpans");
  });

  it("say lags as the server counts them", async () => {
    const page = await shop.open("/lag?live=off");
    await page.getByRole("region", { name: "Consumer groups" }).locator("tbody tr").first().waitFor();
    const { groups } = await shop.ask<Lag>("/lag");
    const texts = await page
      .getByRole("region", { name: "Consumer groups" })
      .locator("tbody tr")
      .allTextContents();
    for (const { group, lag } of groups.filter(
      ({ state }) => state === "stopped" || state === "up_to_date",
    )) {
      expect(texts.some((text) => text.includes(group) && text.includes(formatCount(lag)))).toBe(true);
    }
  });
});

async function traceWithLinks(ask: <T>(path: string) => Promise<T>): Promise<string> {
  const { traces } = await ask<{ traces: { trace_id: string }[] }>("/traces?limit=30");
  for (const { trace_id } of traces) {
    const { spans } = await ask<Trace>(`/traces/${trace_id}`);
    if (spans.some(({ name, linked_by }) => name.startsWith("send") && linked_by.length > 0)) {
      return trace_id;
    }
  }
  throw new Error("no trace has a send that is linked to");
}

async function saved(page: Page, act: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent("download") as Promise<Download>, act()]);
  return readFileSync(await file.path(), "utf8");
}
