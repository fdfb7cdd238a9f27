//! Whose address a request has: the peer, or what a trusted proxy says; never what anybody else claims.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::HttpRequest;
use ipnet::IpNet;

use crate::{config::Site, web::Web};

/// The address of the client that sent this request.
pub fn of(request: &HttpRequest) -> IpAddr {
    let web = Web::of(request);
    let peer = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    let headers = request.headers().get_all(web.site.client_address_header.as_str());
    let hops: Vec<&str> =
        headers.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    resolve(peer, &hops, &web.site)
}

/// The network that shares one limit: a single IPv4 address, or the /64 that an IPv6 subscriber gets.
pub fn limit_key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Walks the hops from the right while the one that named them is trusted.
fn resolve(peer: IpAddr, hops: &[&str], site: &Site) -> IpAddr {
    let mut address = peer.to_canonical();
    for hop in hops.iter().rev() {
        if !is_trusted(address, &site.trusted_proxies) {
            break;
        }
        let Some(named) = parse_hop(hop.trim()) else { break };
        address = named;
    }
    address
}

fn is_trusted(address: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|network| network.contains(&address))
}

fn parse_hop(hop: &str) -> Option<IpAddr> {
    let address = hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn site(proxies: &str) -> Site {
        let pairs = [("TRUSTED_PROXIES".to_owned(), proxies.to_owned())];
        Site::from_settings(&mut Settings::from_pairs(pairs))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("a test address")
    }

    #[test]
    fn a_claim_by_somebody_untrusted_is_ignored() {
        assert_eq!(resolve(ip("203.0.113.9"), &["198.51.100.1"], &site("10.0.0.0/8")), ip("203.0.113.9"));
        assert_eq!(resolve(ip("10.0.0.1"), &["198.51.100.1"], &site("")), ip("10.0.0.1"));
    }

    #[test]
    fn the_rightmost_untrusted_hop_counts() {
        let hops = ["6.6.6.6", "203.0.113.9", " 10.0.0.2"];
        assert_eq!(resolve(ip("10.0.0.1"), &hops, &site("10.0.0.0/8")), ip("203.0.113.9"));
    }

    #[test]
    fn an_unreadable_hop_ends_the_walk() {
        for hop in ["", "unknown", "203.0.113.9;evil", "999.1.1.1"] {
            assert_eq!(
                resolve(ip("10.0.0.1"), &["6.6.6.6", hop], &site("10.0.0.0/8")),
                ip("10.0.0.1"),
                "{hop}"
            );
        }
    }

    #[test]
    fn an_ipv6_subscriber_has_one_limit() {
        assert_eq!(limit_key(ip("2001:db8:1:2:aaaa::1")), limit_key(ip("2001:db8:1:2:bbbb::9")));
        assert_ne!(limit_key(ip("2001:db8:1:2::1")), limit_key(ip("2001:db8:1:3::1")));
        assert_eq!(limit_key(ip("::ffff:203.0.113.9")), ip("203.0.113.9"));
    }
}
