-- The plays of silver are the tracks that the current listening records list.
with

listed as (

    select coalesce(sum(size(track_ids)), 0) as track_count
    from {{ ref('listen_history_records') }}
    where fate = 'current'

),

listens as (

    select coalesce(sum(play_count), 0) as track_count
    from {{ ref('listen_history') }}

)

select
    listed.track_count as listed_count,
    listens.track_count as listen_count
from listed
cross join listens
where listed.track_count != listens.track_count
