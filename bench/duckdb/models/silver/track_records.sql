with

spellings as (

    select map(list(spelling), list(genre_name)) as names
    from {{ ref('genre_spellings') }}

),

parsed as (

    select
        tracks.*,
        spellings.names as spellings,
        from_json(
            tracks.payload,
            '{"id": "VARCHAR", "name": "VARCHAR", "artist": "VARCHAR", "songwriters": "VARCHAR",
            "duration": "VARCHAR", "genres": "VARCHAR", "album": "VARCHAR",
            "created_at": "VARCHAR", "updated_at": "VARCHAR"}'
        ) as record
    from {{ ref('tracks_raw') }} as tracks
    cross join spellings

),

renamed as (

    select
        record.id as track_id,
        {{ clean_text('record.name') }} as track_name,
        {{ clean_text('record.artist') }} as artist_credit,
        {{ clean_text('record.album') }} as album_title,
        {{ clean_text('record.songwriters') }} as songwriters,
        {{ genre_names('record.genres', 'spellings') }} as genre_names,
        {{ duration_seconds('record.duration') }} as duration_seconds,
        {{ to_utc('record.created_at') }} as created_at,
        {{ to_utc('record.updated_at') }} as sent_updated_at,
        {{ lineage() }}
    from parsed

),

judged as (

    select
        *,
        {{ main_artist('artist_credit') }} as artist_name,
        list_distinct(
            {{ featured_artists('artist_credit') }}
            || {{ featured_artists('track_name', in_brackets=true) }}
        ) as featured_artist_names,
        coalesce(greatest(created_at, sent_updated_at), ingested_at::timestamp) as updated_at,
        coalesce(sent_updated_at < created_at, false) as is_updated_at_repaired,
        case
            when track_id is null then 'missing_id'
            when track_name is null then 'blank_name'
        end as reject_reason
    from renamed

),

ranked as (

    select *, {{ recency_rank('track_id') }} as recency
    from judged

)

select
    * exclude (recency, sent_updated_at, payload),
    {{ fate() }} as fate,
    case when reject_reason is not null then payload end as rejected_payload
from ranked
