//! Bar charts as SVG, with their data as a table.

use std::{collections::HashMap, fmt::Write};

use crate::locale::Locale;

/// The size of the drawing, in SVG units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 160.0;

#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    pub label: String,
    pub now: String,
    /// The value for comparison, if any.
    pub then: Option<String>,
}

/// Bars, and a line for comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The text alternative.
    pub summary: String,
    pub view_box: String,
    pub bars: Vec<Bar>,
    /// The points of the line; empty for none.
    pub line: String,
    /// The labels below the bars, evenly distributed.
    pub ticks: Vec<String>,
    /// The maximum value.
    pub most: String,
    pub numbers: Vec<Number>,
}

impl Chart {
    /// A chart with a bar for each value of `now` and a point of the line for each of `then`. Every `step`-th label is shown.
    pub fn new(
        summary: &str,
        labels: &[String],
        now: &[i64],
        then: &[i64],
        step: usize,
        locale: &Locale,
    ) -> Self {
        let most = now.iter().chain(then).copied().max().unwrap_or(0);
        let slot = WIDTH / labels.len().max(1) as f64;
        let height = |views: i64| {
            if most == 0 {
                0.0
            } else {
                views as f64 / most as f64 * HEIGHT
            }
        };
        let bars = now
            .iter()
            .enumerate()
            .filter(|(_, views)| **views > 0)
            .map(|(index, views)| Bar {
                x: format!("{:.1}", index as f64 * slot + slot * 0.1),
                y: format!("{:.1}", HEIGHT - height(*views)),
                width: format!("{:.1}", slot * 0.8),
                height: format!("{:.1}", height(*views)),
            })
            .collect();
        let mut line = String::new();
        for (index, views) in then.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(
                line,
                "{:.1},{:.1} ",
                (index as f64 + 0.5) * slot,
                HEIGHT - height(*views)
            );
        }
        Self {
            summary: summary.to_owned(),
            view_box: format!("0 0 {WIDTH} {HEIGHT}"),
            bars,
            line: line.trim_end().to_owned(),
            ticks: labels.iter().step_by(step.max(1)).cloned().collect(),
            most: locale.number(most),
            numbers: labels
                .iter()
                .enumerate()
                .map(|(index, label)| Number {
                    label: label.clone(),
                    now: locale.number(now.get(index).copied().unwrap_or(0)),
                    then: (!then.is_empty())
                        .then(|| locale.number(then.get(index).copied().unwrap_or(0))),
                })
                .collect(),
        }
    }
}

/// A share of the views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub name: String,
    pub views: String,
    /// The percentage of the largest share.
    pub width: i64,
}

/// Sums views by name and returns the largest shares in descending order.
pub fn shares(
    views: impl Iterator<Item = (String, i64)>,
    limit: usize,
    locale: &Locale,
) -> Vec<Share> {
    let mut sums: HashMap<String, i64> = HashMap::new();
    for (name, views) in views {
        *sums.entry(name).or_default() += views;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_unstable_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    sums.truncate(limit);
    let most = sums.first().map_or(1, |(_, views)| (*views).max(1));
    sums.into_iter()
        .map(|(name, views)| Share {
            name,
            views: locale.number(views),
            width: (views * 100 / most).clamp(1, 100),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn the_highest_bar_fills_the_drawing() {
        let locale = Locale::new("en-GB", Tz::UTC, "");
        let labels = ["a", "b", "c"].map(str::to_owned);
        let chart = Chart::new("", &labels, &[1_000, 0, 500], &[250], 2, &locale);
        let heights: Vec<&str> = chart.bars.iter().map(|bar| bar.height.as_str()).collect();
        assert_eq!(heights, ["160.0", "80.0"]);
        assert_eq!(chart.line, "120.0,120.0");
        assert_eq!(chart.most, "1,000");
        assert_eq!(chart.ticks, ["a", "c"]);
        assert_eq!(chart.numbers[1].then.as_deref(), Some("0"));
        let empty = Chart::new("", &[], &[], &[], 1, &locale);
        assert!(empty.bars.is_empty() && empty.line.is_empty());
    }

    #[test]
    fn shares_are_summed_by_name() {
        let locale = Locale::new("en-GB", Tz::UTC, "");
        let views = [("a", 1), ("b", 4), ("a", 2)].map(|(name, views)| (name.to_owned(), views));
        let shares = shares(views.into_iter(), 2, &locale);
        assert_eq!(shares[0].name, "b");
        assert_eq!(shares[1].width, 75);
    }
}
