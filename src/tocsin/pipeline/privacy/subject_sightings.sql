-- Which sightings were one subscriber's?
--
-- in   attributions (view) · $subscriber
-- out  one row a sighting: its id and its day
-- ties none: a sighting has one attribution

SELECT sighting AS id, seen_at::DATE AS day
FROM attributions
WHERE subscriber = $subscriber
