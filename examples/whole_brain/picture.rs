//! The picture: three panels, what was measured against the strength of coupling, a line for each mean delay.

use std::fmt::Write as _;
use std::path::Path;

/// A label, and what was measured at each strength.
pub(crate) type Curve = (String, Vec<[f64; 3]>);

const WIDTH: f64 = 800.0;
const PANEL: [f64; 2] = [600.0, 150.0];
/// Left of the panels, above the first, and between two.
const MARGINS: [f64; 3] = [80.0, 20.0, 25.0];
const COLORS: [&str; 4] = ["#440154", "#31688e", "#35b779", "#e08214"];
const QUANTITIES: [&str; 3] = ["synchrony", "metastability", "frequency (Hz)"];

/// Draws curves over `strengths`.
pub(crate) fn draw(
    path: impl AsRef<Path>,
    strengths: &[f64],
    curves: &[Curve],
) -> std::io::Result<()> {
    let height = MARGINS[1] + 3.0 * (PANEL[1] + MARGINS[2]) + 30.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"DejaVu Sans, Arial, sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let right = strengths.iter().copied().fold(0.0, f64::max);
    for (quantity, name) in QUANTITIES.into_iter().enumerate() {
        let top = MARGINS[1] + quantity as f64 * (PANEL[1] + MARGINS[2]);
        let values = || curves.iter().flat_map(|(_, curve)| curve).map(|all| all[quantity]);
        let [low, high] = range(values());
        let x = |strength: f64| MARGINS[0] + PANEL[0] * strength / right;
        let y = |value: f64| top + PANEL[1] * (high - value) / (high - low);
        axes(&mut svg, name, top, [low, high]);
        for ((_, curve), color) in curves.iter().zip(COLORS.iter().cycle()) {
            let points = strengths
                .iter()
                .zip(curve)
                .map(|(strength, all)| format!("{:.1},{:.1}", x(*strength), y(all[quantity])));
            let points = points.collect::<Vec<_>>().join(" ");
            add(
                &mut svg,
                format_args!(
                    "<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.8\"/>"
                ),
            );
        }
        if quantity == 2 {
            ticks(&mut svg, strengths, top + PANEL[1], x);
        }
    }
    legend(&mut svg, curves);
    svg.push_str("</svg>\n");
    std::fs::write(path, svg)
}

fn add(svg: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(svg, "{line}").expect("a String takes any text");
}

/// From 0, or whole numbers, to a round number above all values.
fn range(values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(f64::NEG_INFINITY, f64::max);
    if high <= 1.0 { [0.0, (high * 10.0).ceil() / 10.0] } else { [low.floor(), high.ceil()] }
}

fn axes(svg: &mut String, name: &str, top: f64, [low, high]: [f64; 2]) {
    let ([left, ..], [width, height]) = (MARGINS, PANEL);
    let (right, bottom, middle) = (left + width, top + height, top + height / 2.0);
    add(
        svg,
        format_args!("<path d=\"M{left} {top}V{bottom}H{right}\" fill=\"none\" stroke=\"#444\"/>"),
    );
    for (value, at) in [(low, bottom), (f64::midpoint(low, high), middle), (high, top)] {
        let (from, text, below) = (left - 4.0, left - 8.0, at + 4.0);
        add(svg, format_args!("<path d=\"M{from} {at}H{left}\" stroke=\"#444\"/>"));
        add(
            svg,
            format_args!("<text x=\"{text}\" y=\"{below}\" text-anchor=\"end\">{value}</text>"),
        );
    }
    add(
        svg,
        format_args!(
            "<text transform=\"translate(22 {middle}) rotate(-90)\" text-anchor=\"middle\">{name}</text>"
        ),
    );
}

fn ticks(svg: &mut String, strengths: &[f64], bottom: f64, x: impl Fn(f64) -> f64) {
    let (end, text, name) = (bottom + 4.0, bottom + 18.0, bottom + 38.0);
    for strength in strengths.iter().filter(|strength| **strength % 10.0 == 0.0) {
        let at = x(*strength);
        add(svg, format_args!("<path d=\"M{at} {bottom}V{end}\" stroke=\"#444\"/>"));
        add(
            svg,
            format_args!("<text x=\"{at}\" y=\"{text}\" text-anchor=\"middle\">{strength}</text>"),
        );
    }
    let middle = MARGINS[0] + PANEL[0] / 2.0;
    add(
        svg,
        format_args!("<text x=\"{middle}\" y=\"{name}\" text-anchor=\"middle\">K (rad/s)</text>"),
    );
}

fn legend(svg: &mut String, curves: &[Curve]) {
    let left = MARGINS[0] + PANEL[0] + 15.0;
    let end = left + 20.0;
    let top = MARGINS[1] + 10.0;
    add(svg, format_args!("<text x=\"{left}\" y=\"{top}\">mean delay</text>"));
    for (index, ((label, _), color)) in curves.iter().zip(COLORS.iter().cycle()).enumerate() {
        let at = top + 20.0 * (index as f64 + 1.0);
        let (text, below) = (end + 8.0, at + 4.0);
        add(
            svg,
            format_args!("<path d=\"M{left} {at}H{end}\" stroke=\"{color}\" stroke-width=\"2\"/>"),
        );
        add(svg, format_args!("<text x=\"{text}\" y=\"{below}\">{label}</text>"));
    }
}
