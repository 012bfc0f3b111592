//! What is left of web pages when their content is not there: menus, banners, footers.
//!
//! Links and addresses use the domains that RFC 2606 reserves for examples.

use crate::random::Random;

const WORDS: [&str; 40] = [
    "Home", "News", "Sports", "Weather", "Video", "Photos", "Shop", "Login", "Register", "Contact", "About us", "Archive", "Forum", "Blog",
    "Events", "Jobs", "Travel", "Health", "Science", "Business", "Opinion", "Politics", "World", "Local", "Culture", "Music", "Movies",
    "Books", "Games", "Cars", "Homes", "Deals", "Help", "FAQ", "Sitemap", "RSS", "Mobile", "Press", "Careers", "Search",
];
const DOMAINS: [&str; 4] = ["example.com", "example.org", "example.net", "shop.example.com"];
const BANNERS: [&str; 6] = [
    "We use cookies to improve your experience on our site. By continuing to browse you agree to our use of cookies.",
    "This website uses cookies. Accept all | Reject all | Manage preferences",
    "Sign up for our newsletter and never miss a deal! Enter your e-mail address below.",
    "You have reached your limit of free articles. Subscribe now or log in to continue.",
    "Please enable JavaScript in your browser to view this page.",
    "Share this: Facebook » Twitter » E-mail » Print » More »",
];
const FOOTERS: [&str; 6] = [
    "Copyright © 2021 Example Media. All rights reserved. | Terms of Use | Privacy Policy | Cookie Settings | Do not sell my data | Contact: info@example.com | https://www.example.com/legal",
    "© 2019 Example.org » Imprint » Terms » Privacy » Accessibility » Help » Feedback » webmaster@example.org",
    "Powered by ExampleCMS 4.2.1 | Theme: Plain | Log in | Entries (RSS) | Comments (RSS) | http://cms.example.net/?ref=footer",
    "Advertise with us • Subscribe • Give a gift • Customer service • Site map • Careers • Press • RSS • © Example Daily",
    "--- Page 1 of 12 --- < Previous | 1 2 3 4 5 6 7 8 9 10 ... 12 | Next > --- Back to top ---",
    "All content on this site is provided as is. No warranty. Report a problem: support@example.net | Status: https://status.example.net/ | Version 2.0.17",
];

/// One of six footers: most of them are exact duplicates of each other.
pub fn footer(random: &mut Random) -> String {
    (*random.pick(&FOOTERS)).to_owned()
}

/// A menu: short words between many signs.
pub fn menu(random: &mut Random) -> String {
    let sign = *random.pick(&["|", ">", "»", "•", "::", "~", "***", "->"]);
    let lines: Vec<String> = (0..random.between(5, 14))
        .map(|_| match random.between(0, 4) {
            0 => sign.chars().next().unwrap_or('-').to_string().repeat(random.between(20, 60)),
            1 => format!(
                "[{}] {sign} [{}] ({}) {sign} $ {}.99",
                random.between(1, 99),
                random.between(100, 999),
                random.between(0, 9999),
                random.between(1, 500)
            ),
            _ => {
                let items: Vec<&str> = (0..random.between(3, 9)).map(|_| *random.pick(&WORDS)).collect();
                format!("{sign} {} {sign} ---", items.join(&format!(" {sign} ")))
            }
        })
        .collect();
    lines.join("\n")
}

/// A banner with links and addresses around it.
pub fn banner(random: &mut Random) -> String {
    let mut lines: Vec<String> = Vec::new();
    for _ in 0..random.between(3, 7) {
        let domain = *random.pick(&DOMAINS);
        let word = random.pick(&WORDS).to_lowercase().replace(' ', "-");
        let number = random.between(1, 9999);
        lines.push(match random.between(0, 3) {
            0 => format!("{} » https://www.{domain}/{word}/{number}?utm_source=menu&id={number}", random.pick(&WORDS)),
            1 => format!("Contact: {word}.{number}@{domain} | Tel. (555) 010-{:04} | Fax (555) 010-{:04}", number, 9999 - number),
            _ => (*random.pick(&BANNERS)).to_owned(),
        });
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reserved_domains_are_named() {
        let mut random = Random::new(5);
        for _ in 0..500 {
            for text in [footer(&mut random), menu(&mut random), banner(&mut random)] {
                for piece in text.split_whitespace().filter(|piece| piece.contains("://") || piece.contains('@')) {
                    assert!(["example.com", "example.org", "example.net"].iter().any(|domain| piece.contains(domain)), "{piece}");
                }
            }
        }
    }

    #[test]
    fn a_menu_is_mostly_signs() {
        let mut random = Random::new(5);
        for _ in 0..100 {
            let menu = menu(&mut random);
            let signs = menu.chars().filter(|sign| !sign.is_alphabetic()).count();
            assert!(signs * 10 > menu.chars().count() * 3, "{menu}");
        }
    }
}
