//! The party's price and its parts.

use api_types::{PassengerType, Price, PriceShare, TaxLine};
use yew::prelude::*;

use crate::format;

/// The price by passengers, the total, and the taxes in it on request.
pub fn price_table(price: &Price) -> Html {
    let money = |amount_minor: i64| html! { <td><bdi>{ format::money_minor(amount_minor, price.currency.as_str()) }</bdi></td> };
    let taxes_minor = price.amount_minor - price.fare_minor;
    html! {
        <div class="price-table">
            <table>
                <caption class="visually-hidden">{ "Price" }</caption>
                <tbody>
                    for share in &price.shares {
                        <tr key={share.passenger_type.as_str()}>
                            <th scope="row">
                                { people(share.passenger_type, share.count) }
                                if share.count > 1 {
                                    { ", " }<bdi>{ format::money_minor(share.each_minor, price.currency.as_str()) }</bdi>{ " each" }
                                }
                            </th>
                            { money(share.each_minor * i64::from(share.count)) }
                        </tr>
                    }
                    <tr class="price-table__total"><th scope="row">{ "Total, all taxes in" }</th>{ money(price.amount_minor) }</tr>
                </tbody>
            </table>
            <details class="price-table__taxes">
                <summary>
                    { "Includes " }<bdi>{ format::money_minor(taxes_minor, price.currency.as_str()) }</bdi>{ " taxes and charges" }
                </summary>
                <table>
                    <caption class="visually-hidden">{ "Fare and taxes" }</caption>
                    <tbody>
                        <tr><th scope="row">{ "Fare" }</th>{ money(price.fare_minor) }</tr>
                        for (index, tax) in price.taxes.iter().enumerate() {
                            <tr key={index}>
                                <th scope="row">{ &tax.name }{ " (" }<bdi>{ &tax.code }</bdi>{ ")" }</th>
                                { money(tax.amount_minor) }
                            </tr>
                        }
                    </tbody>
                </table>
            </details>
        </div>
    }
}

/// `2 adults`, `1 child`.
#[must_use]
pub fn people(passenger_type: PassengerType, count: u8) -> String {
    match (passenger_type, count) {
        (PassengerType::Child, 2..) => format!("{count} children"),
        _ => format::counted(u64::from(count), passenger_type.as_str()),
    }
}

/// The total price of one trip's offers, which have the same party and currency. `None` without offers.
#[must_use]
pub fn together<'a>(prices: impl IntoIterator<Item = &'a Price>) -> Option<Price> {
    let mut prices = prices.into_iter();
    let mut sum = prices.next()?.clone();
    for price in prices {
        sum.amount_minor += price.amount_minor;
        sum.fare_minor += price.fare_minor;
        for tax in &price.taxes {
            add_tax(&mut sum.taxes, tax);
        }
        for share in &price.shares {
            add_share(&mut sum.shares, share);
        }
    }
    Some(sum)
}

fn add_tax(taxes: &mut Vec<TaxLine>, tax: &TaxLine) {
    match taxes.iter_mut().find(|each| each.code == tax.code && each.name == tax.name) {
        Some(same) => same.amount_minor += tax.amount_minor,
        None => taxes.push(tax.clone()),
    }
}

fn add_share(shares: &mut Vec<PriceShare>, share: &PriceShare) {
    match shares.iter_mut().find(|each| each.passenger_type == share.passenger_type) {
        Some(same) => same.each_minor += share.each_minor,
        None => shares.push(share.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{offer, words};

    #[test]
    fn two_bounds_add_up_line_by_line() {
        let (out, mut back) = (offer().price, offer().price);
        back.taxes[1].name = "International departure tax".to_owned(); // one code may stand for several
        let sum = together([&out, &back]).unwrap();
        assert_eq!((sum.amount_minor, sum.fare_minor), (399_800, 363_800));
        let taxes: Vec<_> = sum.taxes.iter().map(|tax| (tax.code.as_str(), tax.amount_minor)).collect();
        assert_eq!(taxes, [("US", 24_000), ("SW", 6_000), ("SW", 6_000)]);
        assert_eq!(
            sum.taxes.iter().map(|tax| tax.amount_minor).sum::<i64>(),
            sum.amount_minor - sum.fare_minor
        );
        assert_eq!(sum.shares[0].each_minor, 142_400);
        assert_eq!(together([]), None);
    }

    #[tokio::test]
    async fn the_table_shows_shares_total_and_taxes() {
        let shown = words(price_table(&offer().price)).await;
        assert!(
            shown.contains("2 adults, $712 each $1,424 1 child $575 Total, all taxes in $1,999")
                && shown.contains("Includes $180 taxes and charges")
                && shown.contains("US transportation tax (US) $120"),
            "{shown}"
        );
    }
}
