// What the pages of `torch-judge web` do: plain JavaScript, one EventSource while something runs, and fetch.
"use strict";
(() => {
  const SAVE_AFTER = 300; // milliseconds after the last key
  const LOCK_WITHIN = 400; // a reload may ask for its tab's lock before the page that it replaces let go of it
  const find = (selector) => document.querySelector(selector);
  const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

  // --- what is shown ---

  /** Give elements the inline styles of a card, which our Content-Security-Policy refuses as attributes. */
  function restyle(root) {
    for (const element of findAll("[data-style]", root)) element.style.cssText = element.dataset.style;
  }

  function colour(root) {
    if (!window.TorchJudgeEditor) return;
    for (const code of findAll("code.language-python", root)) window.TorchJudgeEditor.highlight(code);
  }

  /** Put a fragment of the server's HTML in the place of what an element holds. */
  function fill(element, html) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    restyle(parsed);
    colour(parsed);
    element.replaceChildren(...parsed.body.childNodes);
  }

  function announce(sentence) {
    if (sentence) find("#announce").textContent = sentence;
  }

  function complain(sentence) {
    const notice = find("#notice");
    notice.textContent = sentence ?? "";
    notice.hidden = !sentence;
  }

  /** Ask a question in the page's dialog; resolves to whether the answer is yes. */
  function confirmBy(question, yes) {
    const dialog = find("#confirm");
    find("#confirm-text").textContent = question;
    dialog.querySelector("[value=yes]").textContent = yes;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  // --- the server ---

  /** Call the server; returns its JSON, or throws an Error with one sentence for the learner. */
  async function call(path, body, options = {}) {
    const request = { ...options };
    if (body !== undefined) {
      request.method = "POST";
      request.headers = { "Content-Type": "application/json", "X-Torch-Judge": "page" };
      request.body = JSON.stringify(body);
    }
    let response;
    try {
      response = await fetch(path, request);
    } catch {
      throw new Error(find("header .account")
        ? "The judge does not answer. Are you connected?"
        : "The judge does not answer. Is `torch-judge web` still running in your terminal?");
    }
    let answer = {};
    try {
      answer = await response.json();
    } catch {
      if (response.ok) throw new Error("The judge sent something that is no answer. Load the page again.");
    }
    if (!response.ok) throw new Error(answer.error ?? `The judge refused this (${response.status}).`);
    return answer;
  }

  /** Do something for a button or a key; what goes wrong is said on the page. */
  async function attempt(act) {
    complain();
    try {
      await act();
    } catch (error) {
      complain(error.message);
    }
  }

  // --- the list ---

  async function startList() {
    const form = find("#filter");
    if (location.search) { // the server left out what the address does not ask for
      const whole = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
      find("#problems").replaceWith(whole.querySelector("#problems"));
    }
    const rows = findAll("tr.problem");
    const total = rows.length;
    form.querySelector(".apply").hidden = true;
    const choose = () => {
      const asked = Object.fromEntries(new FormData(form));
      const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !(
          words.every((word) => row.dataset.words.includes(word))
          && ["topic", "difficulty", "state"].every((key) => !asked[key] || row.dataset[key] === asked[key])
        );
        shown += row.hidden ? 0 : 1;
      }
      for (const body of findAll("#problems tbody")) {
        body.hidden = !body.querySelector("tr.problem:not([hidden])");
      }
      find("#count").textContent = shown === total ? `${total} problems` : `${shown} of ${total} problems`;
      const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value)).toString();
      window.history.replaceState(null, "", query ? `?${query}` : location.pathname);
    };
    choose();
    form.addEventListener("input", choose);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      choose();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.matches("input, select, textarea")) return;
      event.preventDefault();
      find("#q").focus();
    });
  }

  // --- the identity of a browser tab ---

  /** Hold a lock for as long as the page lives; resolves to whether it was free. */
  function hold(name, milliseconds) {
    if (!navigator.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), milliseconds);
      navigator.locks.request(name, { signal: patience.signal }, () => {
        clearTimeout(timer);
        resolve(true);
        return new Promise(() => {});
      }).catch(() => resolve(false));
    });
  }

  /** Return this tab's id; a duplicated tab, which inherits another's, gets one of its own. */
  async function identify() {
    const known = sessionStorage.getItem("tab");
    if (known && await hold(`torch-judge-${known}`, LOCK_WITHIN)) return known;
    const bytes = crypto.getRandomValues(new Uint8Array(10));
    const fresh = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem("tab", fresh);
    await hold(`torch-judge-${fresh}`, LOCK_WITHIN);
    return fresh;
  }

  // --- the problem ---

  /** Make an editor of a text area, which stays in use where the editor did not load. */
  function edit(area, options) {
    if (!window.TorchJudgeEditor) {
      area.addEventListener("input", options.onChange);
      return {
        getText: () => area.value,
        setText(text) {
          area.value = text;
          options.onChange();
        },
        focus: () => area.focus(),
      };
    }
    const place = document.createElement("div");
    place.className = "code-editor";
    area.before(place);
    area.hidden = true;
    const label = findAll("label").find((candidate) => candidate.htmlFor === area.id);
    const editor = window.TorchJudgeEditor.create(place, {
      text: area.value, label: label?.textContent.trim(), ...options,
    });
    label?.remove(); // it named the text area; the editor has the words as its own name
    return editor;
  }

  function startProblem() {
    const main = find("#main");
    const { slug } = main.dataset;
    const facts = JSON.parse(find("#facts").textContent);
    const result = find("#result");
    const stopButton = find("#stop");
    const wide = window.matchMedia("(min-width: 900px)"); // as in style.css: both halves are in sight
    let tab = null;
    let newest = 0;
    let kind = null; // of what was asked for last
    let events = null;

    // The text, kept as one types.
    const kept = `unsaved ${slug}`; // what the server has not confirmed outlives a reload in the tab itself
    const saved = find("#saved");
    let timer = null;
    let writing = Promise.resolve();
    let filling = false;
    let changes = 0;
    const unsaved = () => sessionStorage.getItem(kept) !== null;
    const texts = () => ({ text: editor.getText(), example: chosenExample() });
    const change = () => {
      if (filling) return;
      changes += 1;
      sessionStorage.setItem(kept, JSON.stringify(texts()));
      clearTimeout(timer);
      timer = setTimeout(save, SAVE_AFTER);
      saved.textContent = "";
    };
    const hooks = { onChange: change, onSubmit: () => attempt(submit), onRun: () => attempt(run) };
    const editor = edit(find("#code"), hooks);
    const example = find("#example")
      ? edit(find("#example"), hooks)
      : { getText: () => facts.example, setText() {}, focus() {} }; // where Run is not offered
    const chosenExample = () => (example.getText() === facts.example ? null : example.getText());

    /** Put a text into an editor without its being saved as the learner's. */
    function show(target, text) {
      if (target.getText() === text) return;
      filling = true;
      target.setText(text);
      filling = false;
    }

    function save(options) {
      clearTimeout(timer);
      const write = async () => {
        if (tab === null) await identified;
        const before = changes;
        try {
          await call(`/api/problems/${slug}/draft`, { tab, ...texts() }, options);
          if (before === changes) settle();
        } catch (error) {
          saved.textContent = "Not saved";
          complain(error.message);
        }
      };
      // One after the other, so that an older text never overtakes a newer one; a page that goes cannot wait.
      writing = options?.keepalive ? write() : writing.then(write);
      return writing;
    }

    function settle() {
      sessionStorage.removeItem(kept);
      saved.textContent = "Saved";
    }

    async function restore() {
      const lost = sessionStorage.getItem(kept);
      if (lost !== null && changes === 0) {
        const { text, example: input } = JSON.parse(lost);
        show(editor, text);
        show(example, input ?? facts.example);
        save();
      } else if (facts.mine_of && facts.mine_of !== tab) {
        const draft = await call(`/api/problems/${slug}/draft?tab=${tab}`);
        if (draft.mine && changes === 0) {
          show(editor, draft.text);
          show(example, draft.example);
        }
      }
    }

    // Submit, Run, Stop, and what comes of them.
    function setRunning(on) {
      const focused = document.activeElement === stopButton;
      stopButton.hidden = !on;
      result.setAttribute("aria-busy", String(on));
      main.classList.toggle("running", on);
      if (!on && focused) find("#submit").focus();
    }

    async function start(deed, body, words) {
      await ready;
      if (unsaved()) save();
      const given = await call(`/api/tabs/${tab}/${deed}`, { problem: slug, code: editor.getText(), ...body });
      newest = given.request;
      kind = deed;
      if (result.hidden) { // an older card stays, faded, until the first case is judged
        fill(result, '<p class="waiting"></p>');
        result.firstChild.textContent = words;
      }
      setRunning(true);
      reveal();
      listen();
    }

    const submit = () => start("submit", {}, "Judging…");
    const run = async () => {
      if (!find("#run")) throw new Error("Run is not offered here: run your code on your own machine.");
      await start("run", { example: example.getText() }, "Running…");
    };
    const stop = () => call(`/api/tabs/${tab}/stop`, {});

    /** Show or hide the result, which leaves more room for the editor. */
    function unfold(on) {
      result.hidden = false;
      result.classList.toggle("folded", !on);
      const button = find("#fold");
      if (!button) return;
      button.hidden = false;
      button.textContent = on ? "Hide result" : "Show result";
      button.setAttribute("aria-expanded", String(on));
    }

    /** Show the result from its top; on a narrow page it lies below the statement. */
    function reveal() {
      unfold(true);
      result.scrollTop = 0;
      if (!wide.matches) find(".right").scrollIntoView({ block: "start" });
    }

    function listen() {
      if (events && events.readyState !== EventSource.CLOSED) return;
      events = new EventSource(`/api/tabs/${tab}/events`);
      const source = events;
      const on = (name, act) => source.addEventListener(name, (event) => {
        const data = JSON.parse(event.data);
        if (data.request < newest) return;
        newest = data.request;
        complain();
        act(data);
      });
      const finish = (data) => {
        source.close();
        setRunning(false);
        fill(result, data.html);
        reveal();
        announce(data.say);
      };
      on("begin", (data) => {
        kind = data.kind;
        setRunning(true);
        announce(data.say);
      });
      on("progress", (data) => {
        fill(result, data.html);
        announce(data.say);
        if (result.hidden) unfold(true);
      });
      on("report", (data) => {
        finish(data);
        conclude(data);
        reveal(); // what it opened has moved the card down
      });
      for (const name of ["example", "stopped", "broken"]) on(name, finish);
      source.addEventListener("error", () => {
        if (source.readyState !== EventSource.CLOSED) {
          complain("The connection to the judge broke; trying again.");
        } else if (main.classList.contains("running")) { // the server began anew, and knows nothing of it
          setRunning(false);
          complain(kind === "submit" && facts.queued
            ? "The judge went away and came back. What you submitted is judged: look into the history."
            : "The judge went away, and what ran is lost. Start it again.");
        }
      });
    }

    const WORDS = { solved: ["✓", "solved"], tried: ["-", "tried"], open: ["", "open"] };

    function conclude(data) {
      if (data.solved_html) {
        const opened = document.createElement("div");
        fill(opened, data.solved_html);
        result.querySelector(".torch-judge")?.before(...opened.childNodes);
      }
      if (data.notices?.length) complain(data.notices.join(" "));
      const state = find("#state");
      const [mark, word] = WORDS[data.state];
      state.className = `state state-${data.state}`;
      state.querySelector(".mark").textContent = mark;
      state.querySelector(".word").textContent = word;
      main.dataset.state = data.state;
      stale.add("history");
      if (data.state === "solved") stale.add("solution");
      const open = find("[role=tab][aria-selected=true]").id.replace("tab-", "");
      if (stale.has(open)) refresh(open);
    }

    // The panels beside the answer.
    const stale = new Set(["history"]);

    async function refresh(name) {
      stale.delete(name);
      if (name === "history") {
        fill(find("#history"), (await call(`/api/problems/${slug}/history`)).html);
      } else if (name === "solution" && find("#give-up, #show-solution")) {
        await showSolution(false);
      }
    }

    async function showSolution(giveUp) {
      const answer = await call(`/api/problems/${slug}/solution`, { give_up: giveUp });
      fill(find("#solution"), answer.html);
      announce(answer.say);
      stale.delete("solution");
    }

    const tabs = findAll("[role=tab]");
    function select(chosen) {
      for (const one of tabs) {
        const on = one === chosen;
        one.setAttribute("aria-selected", String(on));
        one.tabIndex = on ? 0 : -1;
        find(`#${one.getAttribute("aria-controls")}`).hidden = !on;
      }
      find(".left").scrollTop = 0;
      const name = chosen.id.replace("tab-", "");
      if (stale.has(name)) attempt(() => refresh(name));
    }
    for (const [place, one] of tabs.entries()) {
      one.addEventListener("click", () => select(one));
      one.addEventListener("keydown", (event) => {
        const goal = {
          ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1,
        }[event.key];
        if (goal === undefined) return;
        event.preventDefault();
        const next = tabs[(goal + tabs.length) % tabs.length];
        next.focus();
        select(next);
      });
    }

    /** Have the history keep what the editor holds, and the server the starter in its place. */
    async function putAside() {
      await ready;
      clearTimeout(timer);
      await writing;
      stale.add("history");
      return call(`/api/problems/${slug}/reset`, { tab, text: editor.getText() });
    }

    async function compare() {
      const ends = ["old", "new"].map((name) => find(`#history input[name=${name}]:checked`)?.value);
      if (!ends[0] || !ends[1]) throw new Error("Choose an older and a newer text to compare.");
      if (unsaved()) await save();
      const query = new URLSearchParams({ old: ends[0], new: ends[1], tab });
      fill(find("#attempt"), (await call(`/api/problems/${slug}/diff?${query}`)).html);
      find("#attempt").scrollIntoView({ block: "nearest" });
    }

    const deeds = {
      async submit() { await submit(); },
      async run() { await run(); },
      async stop() { await stop(); },
      async hint() {
        const answer = await call(`/api/problems/${slug}/hint`, {});
        fill(find("#hints"), answer.html);
        announce(answer.say);
        findAll("#hints li").at(-1)?.scrollIntoView({ block: "nearest" });
        (find("#hint") ?? find("#panel-hints")).focus();
      },
      async "show-solution"() { await showSolution(false); },
      async "give-up"() {
        const question = "Give up and read the solution? You can still submit answers afterwards.";
        if (await confirmBy(question, "Show the solution")) await showSolution(true);
      },
      async reset() {
        const question = "Put the starter back? The history keeps the text that is here now.";
        if (!await confirmBy(question, "Put it back")) return;
        const answer = await putAside();
        show(editor, answer.text);
        settle();
        announce(answer.say);
        editor.focus();
      },
      async compare() { await compare(); },
      async "example-reset"() {
        example.setText(facts.example);
        example.focus();
      },
      async "keys-button"() { find("#keys").showModal(); },
      async fold() { unfold(result.classList.contains("folded")); },
    };
    const open = (number) => call(`/api/problems/${slug}/attempts/${number}`);
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button || button.closest("dialog")) return;
      if (Object.hasOwn(deeds, button.id)) attempt(deeds[button.id]);
      const { number } = button.dataset;
      if (button.matches(".show")) {
        attempt(async () => {
          fill(find("#attempt"), (await open(number)).html);
          find("#attempt").scrollIntoView({ block: "nearest" });
        });
      } else if (button.matches(".load")) {
        attempt(async () => {
          const { code } = await open(number);
          if (editor.getText() !== code) await putAside();
          show(editor, code);
          await save();
          announce(`Attempt ${number} is in the editor. What was there is in the history.`);
          await refresh("history");
          editor.focus();
        });
      }
    });

    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || find("dialog[open]")) return;
      const control = event.ctrlKey || event.metaKey;
      const typing = event.target.matches("#code, #example");
      let deed = null;
      if (control && event.key === "Enter") deed = submit;
      else if (control && event.key === "'") deed = run;
      else if (event.shiftKey && event.key === "Enter" && (typing || event.target === document.body)) deed = run;
      else if (control && event.key === "." && !stopButton.hidden) deed = stop;
      if (!deed) return;
      event.preventDefault();
      attempt(deed);
    });
    const leave = () => {
      if (tab && unsaved()) save({ keepalive: true });
    };
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") leave();
    });

    // A reload in the middle goes on with what the tab runs.
    const identified = identify().then((id) => {
      tab = id;
      main.dataset.tab = id;
    });
    const ready = (async () => {
      await identified;
      await restore();
      const running = await call(`/api/tabs/${tab}`);
      if (!running.running || running.problem !== slug) return;
      newest = running.request;
      kind = running.kind;
      setRunning(true);
      reveal();
      listen();
    })();
    attempt(() => ready);
  }

  restyle(document);
  colour(document);
  ({ list: startList, problem: startProblem }[document.body.dataset.page] ?? (() => {}))();
})();
