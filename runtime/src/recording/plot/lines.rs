//! The points of a line: where it is broken, and which points a picture can do without.

/// A point in pixels, from the upper left corner.
pub(super) type Point = (f64, f64);

/// Splits `points` where `None` breaks the line.
pub(super) fn pieces(points: impl Iterator<Item = Option<Point>>) -> Vec<Vec<Point>> {
    let mut pieces = vec![vec![]];
    for point in points {
        match (point, pieces.last_mut()) {
            (Some(point), Some(piece)) => piece.push(point),
            _ => pieces.push(vec![]),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Leaves out points that make no difference in a picture: of all points in one column of pixels, the
/// highest and the lowest stay.
///
/// A line with few points is left as it is, so that it can be enlarged.
pub(super) fn decimated(piece: Vec<Point>) -> Vec<Point> {
    /// Up to this number of points a line is small enough in a file.
    const FEW: usize = 1000;

    if piece.len() <= FEW {
        return piece;
    }
    let same_column = |a: &Point, b: &Point| a.0.floor().total_cmp(&b.0.floor()).is_eq();
    piece.chunk_by(same_column).flat_map(extremes).collect()
}

/// The highest and the lowest of the points, in the order in which they come.
fn extremes(column: &[Point]) -> impl Iterator<Item = Point> {
    let by_height = |&a: &usize, &b: &usize| column[a].1.total_cmp(&column[b].1);
    let highest = (0..column.len()).min_by(by_height);
    let lowest = (0..column.len()).max_by(by_height);
    let (first, second) = if highest < lowest { (highest, lowest) } else { (lowest, highest) };
    let second = second.filter(|_| first != second);
    first.into_iter().chain(second).map(|i| column[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_breaks_the_line() {
        let points = [None, Some((0.0, 1.0)), Some((1.0, 1.0)), None, None, Some((4.0, 2.0)), None];
        let expected = [vec![(0.0, 1.0), (1.0, 1.0)], vec![(4.0, 2.0)]];
        assert_eq!(pieces(points.into_iter()), expected);
        assert!(pieces([None, None].into_iter()).is_empty());
    }

    #[test]
    fn peaks_survive() {
        let mut piece: Vec<Point> = (0..100_000).map(|i| (f64::from(i) / 100.0, 50.0)).collect();
        piece[12_345].1 = -7.0;
        piece[77_777].1 = 99.0;
        let few = decimated(piece.clone());
        assert!(few.len() <= 2000, "{}", few.len());
        assert!(few.contains(&piece[12_345]) && few.contains(&piece[77_777]));
        assert!(few.is_sorted_by(|a, b| a.0 <= b.0));
    }

    #[test]
    fn a_short_line_keeps_all_points() {
        let piece: Vec<Point> = (0..1000).map(|i| (f64::from(i) / 100.0, 0.0)).collect();
        assert_eq!(decimated(piece.clone()), piece);
    }
}
