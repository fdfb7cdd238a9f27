//! What a browser calls itself, in words that a person knows their devices by. A guess, and worth no more: anybody can
//! call themselves anything.

/// Products in the order in which they must be looked for: most call themselves by the names of others too.
const BROWSERS: [(&str, &str); 12] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];
const HELD_IN_A_HAND: [&str; 3] = ["iPhone", "iPad", "Android"];

/// A device as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// `Firefox on Windows`, `Safari on iPhone`, `curl`, `Unknown device`.
    pub name: String,
    /// The icon that fits it.
    pub icon: &'static str,
}

/// What a `User-Agent` says.
pub fn of(user_agent: Option<&str>) -> Device {
    let text = user_agent.unwrap_or_default().trim();
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| text.contains(mark)).map(|(_, name)| *name)
    };
    let (browser, system) = (find(&BROWSERS), find(&SYSTEMS));
    let icon = match system {
        Some(system) if HELD_IN_A_HAND.contains(&system) => "phone",
        _ if browser.is_none() => "terminal",
        _ => "laptop",
    };
    let name = match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => program(text),
    };
    Device { name, icon }
}

/// A program by its own name: `curl/8.5.0` is `curl`.
fn program(text: &str) -> String {
    let name: String = text
        .split(['/', ' ', '('])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "._-".contains(*letter))
        .take(30)
        .collect();
    if name.is_empty() || name == "Mozilla" { "Unknown device".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_called_as_their_people_call_them() {
        for (user_agent, name, icon) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
                "Firefox on Windows",
                "laptop",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari on Mac",
                "laptop",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
                "phone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
                "phone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
                "Edge on Windows",
                "laptop",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0 Safari/537.36",
                "Chrome on Linux",
                "laptop",
            ),
            ("curl/8.5.0", "curl", "terminal"),
            ("python-requests/2.32.3", "python-requests", "terminal"),
            ("Mozilla/5.0 (test)", "Unknown device", "terminal"),
            ("<b>\u{202e}evil</b>", "bevil", "terminal"),
            ("", "Unknown device", "terminal"),
        ] {
            assert_eq!(of(Some(user_agent)), Device { name: name.to_owned(), icon }, "{user_agent}");
        }
        assert_eq!(of(None).name, "Unknown device");
    }
}
