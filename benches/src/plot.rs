//! Plots of costs as SVG, with logarithmic axes.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

/// One plot of the file.
pub struct Plot {
    /// The title above the plot.
    pub title: &'static str,
    /// The label of the horizontal axis. The vertical axis shows microseconds.
    pub x: &'static str,
    /// The lines.
    pub series: Vec<Series>,
    /// The range of the horizontal axis. `None` means that of the points.
    pub range: Option<(f64, f64)>,
}

/// One line of a plot.
pub struct Series {
    name: &'static str,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// Creates a line without points.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            points: Vec::new(),
        }
    }
}

const COLORS: [RGBColor; 5] = [
    RGBColor(0x1f, 0x4e, 0x9e),
    RGBColor(0xc2, 0x41, 0x0c),
    RGBColor(0x15, 0x80, 0x3d),
    RGBColor(0x7e, 0x22, 0xce),
    RGBColor(0x52, 0x52, 0x52),
];

/// By which factor the vertical axis extends beyond the highest point, to make room for the names of the lines.
const ROOM: f64 = 12.0;

/// Writes the plots side by side.
pub fn write(file: &Path, plots: &[Plot]) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(file, (1300, 560)).into_drawing_area();
    root.fill(&WHITE)?;
    for (plot, area) in plots.iter().zip(root.split_evenly((1, plots.len()))) {
        let points = || plot.series.iter().flat_map(|series| &series.points);
        let (left, right) = plot
            .range
            .unwrap_or_else(|| bounds(points().map(|point| point.0)));
        let (low, high) = bounds(points().map(|point| point.1));
        let mut chart = ChartBuilder::on(&area)
            .caption(plot.title, ("sans-serif", 22))
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(66)
            .build_cartesian_2d(
                (left..right).log_scale(),
                (low / 1.6..high * ROOM).log_scale(),
            )?;
        chart
            .configure_mesh()
            .x_desc(plot.x)
            .y_desc("us per session")
            .label_style(("sans-serif", 14))
            .axis_desc_style(("sans-serif", 16))
            .x_label_formatter(&|value| format!("{value}"))
            .y_label_formatter(&|value| format!("{value}"))
            .light_line_style(RGBColor(0xf0, 0xf0, 0xf0))
            .draw()?;
        for (series, color) in plot.series.iter().zip(COLORS) {
            let line =
                LineSeries::new(series.points.iter().copied(), color.stroke_width(2)).point_size(3);
            chart
                .draw_series(line)?
                .label(series.name)
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2))
                });
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE)
            .border_style(RGBColor(0xcc, 0xcc, 0xcc))
            .label_font(("sans-serif", 14))
            .draw()?;
    }
    root.present()?;
    Ok(())
}

fn bounds(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(0.0, f64::max);
    (low, high)
}
