//! What every page owes to everybody: no fault that axe knows, nothing cut off at the side, everything within reach of
//! the keyboard; in the light and in the dark.

use std::{fs, path::Path};

use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions},
    key::Key,
};
use serde_json::{Value, json};

use crate::Browser;

const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../common/web/node_modules/axe-core/axe.min.js");

/// Runs axe and hands its findings to the driver: rule, what it is about, the first elements.
const CHECK: &str = r"
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const still = Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
    still.then(() => axe.run(document, { runOnly: { type: 'tag', values: tags } })).then(
        (found) => done(found.violations.map((fault) =>
            fault.id + ': ' + fault.help + ' at ' + fault.nodes.slice(0, 3).map((node) =>
                node.target.join(' ') + ' (' + (node.any[0] ?? node.all[0] ?? node.none[0])?.message + ')').join(', '))),
        (error) => done(['axe failed: ' + error]));";

/// What reaches over the right edge. An area that scrolls by itself may hold more than it shows.
const CUT_OFF: &str = r"
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > width + 1)
        .slice(0, 3).map((element) => 'wider than the screen: ' + element.outerHTML.slice(0, 120));";

/// Numbers what a person can use and starts at the top of the page.
const NUMBER: &str = r"
    const usable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\'0\']';
    let count = 0;
    for (const element of document.querySelectorAll(usable)) {
        const hidden = element.disabled || element.tabIndex < 0 || !element.checkVisibility({ visibilityProperty: true });
        if (hidden || element.type === 'radio' && !element.checked) continue;
        element.dataset.number = String(count++);
    }
    document.activeElement?.blur();
    window.getSelection()?.removeAllRanges();
    return count;";

/// What has the focus, and whether one can see that.
const FOCUSED: &str = r"
    const element = document.activeElement;
    // A choice is outlined as a whole.
    // The browser itself shows which part of a date has the focus.
    const seen = element === document.body || element.type === 'date' || [element, element.closest('label')].some((shown) => {
        const style = shown && getComputedStyle(shown);
        return style && (style.outlineStyle !== 'none' || style.boxShadow !== 'none');
    });
    return [element.dataset?.number ?? '', seen, element.outerHTML.slice(0, 120)];";

impl Browser {
    /// The faults of the page that is open, in both themes; none on a good page.
    pub async fn faults(&self) -> Vec<String> {
        let axe = fs::read_to_string(Path::new(AXE)).expect("axe-core, which the front end's packages bring");
        self.run(&axe, Vec::new()).await;
        let mut faults = Vec::new();
        for theme in ["light", "dark"] {
            self.run("document.documentElement.dataset.bsTheme = arguments[0]", vec![json!(theme)]).await;
            let found = self.client.execute_async(CHECK, Vec::new()).await.expect("axe runs");
            let cut_off = self.run(CUT_OFF, Vec::new()).await;
            faults.extend(texts(&found).chain(texts(&cut_off)).map(|fault| format!("{theme}: {fault}")));
        }
        faults.extend(self.out_of_reach().await);
        faults
    }

    /// The status with which the page that is open was answered.
    pub async fn status(&self) -> u64 {
        let script = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.run(script, Vec::new()).await.as_u64().expect("a number")
    }

    /// What the Tab key does not reach, or reaches without showing it.
    async fn out_of_reach(&self) -> Vec<String> {
        let count = self.run(NUMBER, Vec::new()).await.as_u64().expect("a number");
        let (mut reached, mut faults) = (Vec::<String>::new(), Vec::new());
        // A date has several places to stop at; the body comes once, before it begins anew.
        while reached.iter().filter(|number| number.is_empty()).count() < 2 && reached.len() < 500 {
            let value = char::from(Key::Tab);
            let tab = KeyActions::new("keyboard".to_owned())
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
            self.client.perform_actions(tab).await.expect("a key");
            let focused = self.run(FOCUSED, Vec::new()).await;
            if focused[1] == false {
                faults.push(format!("the focus does not show: {}", focused[2]));
            }
            reached.push(focused[0].as_str().unwrap_or_default().to_owned());
        }
        for number in 0..count {
            if !reached.contains(&number.to_string()) {
                let find = format!("return document.querySelector('[data-number=\"{number}\"]').outerHTML");
                faults.push(format!("Tab does not reach {}", self.run(&find, Vec::new()).await));
            }
        }
        faults
    }

    async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        let result = self.client.execute(script, arguments).await;
        result.unwrap_or_else(|error| panic!("a script on {:?}: {error}", script.get(..80)))
    }
}

fn texts(list: &Value) -> impl Iterator<Item = String> {
    let list = list.as_array().cloned().unwrap_or_default();
    list.into_iter().map(|item| item.as_str().unwrap_or_default().to_owned())
}
