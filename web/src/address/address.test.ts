import { describe, expect, it } from "vitest";
import { changeQuery, folderOf, formatAddress, formatQuery, parseAddress, timeOf } from "./address";

describe("an address", () => {
  it("names the page by its last part, wherever the folder lies", () => {
    expect(parseAddress("/lag", "").page).toBe("lag");
    expect(parseAddress("/kafka/ui/lag", "").page).toBe("lag");
    expect(parseAddress("/", "").page).toBe("overview");
    expect(parseAddress("/kafka/ui/", "").page).toBe("overview");
    expect(parseAddress("/index.html", "").page).toBe("overview");
    expect(folderOf("/kafka/ui/lag")).toBe("/kafka/ui/");
  });

  it("of no page is known as such", () => {
    expect(parseAddress("/nonsense", "").page).toBeNull();
    expect(parseAddress("/constructor", "").page).toBeNull();
  });

  it("keeps what is hostile in a value as a value", () => {
    const query = { topic: `<img src=x> & "a"=b/ü`, key: "a+b c" };
    expect(parseAddress("/messages", formatQuery(query)).query).toEqual(query);
  });

  it("says only what differs from the default", () => {
    expect(formatAddress("/", "overview", {})).toBe("/");
    expect(formatAddress("/ui/", "lag", { group: "", topic: "orders" })).toBe("/ui/lag?topic=orders");
  });

  it("takes the time range along, and nothing else", () => {
    expect(timeOf({ last: "5m", live: "off", topic: "orders", from: "1" })).toEqual({
      last: "5m",
      live: "off",
      from: "1",
    });
  });

  it("loses a key that is set to nothing, and keeps the others", () => {
    expect(changeQuery({ a: "1", b: "2" }, { a: "", c: "3" })).toEqual({ b: "2", c: "3" });
  });
});
