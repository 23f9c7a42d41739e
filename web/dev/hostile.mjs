// Names and texts as somebody would choose them who wants the pages to run a script, or to look wrong.
export const names = {
  orders: "<img src=x onerror=\"document.title='pwned'\">",
  payments: "\"><script>document.title='pwned'</script>",
  analytics: "javascript:document.title='pwned'//",
  "orders-web": "</title></svg><svg onload=\"document.title='pwned'\">",
  mailer: "\u202Egnp.exe",
  _MSG_TIMED_OUT: '=HYPERLINK("http://example.invalid","<b onmouseover=document.title=\'pwned\'>")',
  "customer-17": `{{constructor.constructor('document.title="pwned"')()}}${"很长的键".repeat(40)}`,
};

// The shop's answers under such names. Questions come with them too, and are turned back.
export function hostile(answer) {
  return (path, query) => {
    const asked = JSON.parse(replaceAll(JSON.stringify(query), ([name, bad]) => [bad, name]));
    const { status, body } = answer(path, asked);
    return { status, body: JSON.parse(replaceAll(JSON.stringify(body), (pair) => pair)) };
  };
}

// Whole strings only, and the parts of "kind:name" and "operation name".
function replaceAll(json, turn) {
  return Object.entries(names).reduce((text, pair) => {
    const [from, to] = turn(pair).map((name) => JSON.stringify(name).slice(1, -1));
    return ['"', ":", " "].reduce(
      (all, before) => all.replaceAll(`${before}${from}"`, `${before}${to}"`),
      text,
    );
  }, json);
}
