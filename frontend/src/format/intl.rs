//! The browser's `Intl`. Formatters are created once: creating one costs far more than using it.

use std::{cell::RefCell, collections::HashMap};

use api_types::{LocalDate, LocalDateTime, UtcInstant};
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The language of all texts so far. Numbers are written as in the United States, whose money is `$` there.
const LANGUAGE: &str = "en";

thread_local! {
    static WRITERS: RefCell<HashMap<String, Function>> = RefCell::new(HashMap::new());
}

pub(super) fn now_ms() -> i64 {
    Date::now() as i64
}

pub(super) fn today() -> LocalDate {
    local(UtcInstant::from_epoch_ms(now_ms())).date()
}

pub(super) fn local(at: UtcInstant) -> LocalDateTime {
    let date = Date::new(&JsValue::from_f64(at.epoch_ms() as f64));
    let small = |part: u32| u8::try_from(part).unwrap_or_default();
    let year = i32::try_from(date.get_full_year()).unwrap_or_default();
    LocalDate::new(year, small(date.get_month() + 1), small(date.get_date()))
        .and_then(|day| LocalDateTime::new(day, small(date.get_hours()), small(date.get_minutes())))
        .expect("the browser's calendar has real dates")
}

pub(super) fn money(amount_minor: u64, currency: &str) -> String {
    // How many minor digits a currency has; Intl then takes the decimal text exactly, not as a float.
    let digits = match currency {
        "JPY" | "KRW" | "CLP" | "ISK" | "VND" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    };
    let amount = JsValue::from_str(&super::decimal(amount_minor, digits));
    write(&format!("money {currency}"), &amount, || {
        number_writer(&[
            ("style", "currency"),
            ("currency", currency),
            ("trailingZeroDisplay", "stripIfInteger"),
        ])
    })
}

pub(super) fn number(number: u64) -> String {
    write("number", &JsValue::from_str(&number.to_string()), || number_writer(&[]))
}

pub(super) fn weekday(date: LocalDate, long: bool) -> String {
    date_part("weekday", date, long)
}

pub(super) fn month(date: LocalDate, long: bool) -> String {
    date_part("month", date, long)
}

pub(super) fn country(code: &str) -> String {
    write("country", &JsValue::from_str(code), || {
        // js-sys has no typed DisplayNames
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let maker = Reflect::get(&intl, &"DisplayNames".into()).ok()?.dyn_into::<Function>().ok()?;
        let names =
            Reflect::construct(&maker, &Array::of2(&LANGUAGE.into(), &options(&[("type", "region")])))
                .ok()?;
        let of = Reflect::get(&names, &"of".into()).ok()?.dyn_into::<Function>().ok()?;
        Some(of.bind0(&names))
    })
}

fn date_part(part: &str, date: LocalDate, long: bool) -> String {
    let style = if long { "long" } else { "short" };
    let epoch_days = LocalDate::new(1970, 1, 1).map_or(0, |epoch| epoch.days_until(date));
    write(&format!("{part} {style}"), &JsValue::from_f64(f64::from(epoch_days) * 86_400_000.0), || {
        let options = options(&[(part, style), ("timeZone", "UTC")]);
        Some(Intl::DateTimeFormat::new(&Array::of1(&"en-GB".into()), &options).format())
    })
}

fn number_writer(pairs: &[(&str, &str)]) -> Option<Function> {
    Some(Intl::NumberFormat::new(&Array::of1(&LANGUAGE.into()), &options(pairs)).format())
}

/// Writes with the formatter kept under `key`; what can't be written stays as it is.
fn write(key: &str, value: &JsValue, make: impl FnOnce() -> Option<Function>) -> String {
    let writer = WRITERS.with_borrow_mut(|writers| {
        if !writers.contains_key(key) {
            writers.insert(key.to_owned(), make()?);
        }
        writers.get(key).cloned()
    });
    writer
        .and_then(|writer| writer.call1(&JsValue::UNDEFINED, value).ok())
        .and_then(|written| written.as_string())
        .or_else(|| value.as_string())
        .unwrap_or_default()
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        Reflect::set(&options, &(*name).into(), &(*value).into()).ok();
    }
    options
}
