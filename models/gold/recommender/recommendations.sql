with

als_input as (

    select * from {{ ref('als_input') }}

),

als_scores as (

    select * from {{ ref('als_scores') }}

),

dim_user as (

    select * from {{ ref('dim_user') }}
    where user_key != -1

),

dim_track as (

    select * from {{ ref('dim_track') }}
    where track_key != -1

),

fallback_candidates as (

    select * from {{ ref('fallback_candidates') }}

),

candidates as (

    select
        user_key,
        track_key,
        because_key,
        score,
        'als' as reason,
        1 as priority
    from als_scores

    union all

    select
        user_key,
        track_key,
        cast(null as bigint) as because_key,
        score,
        reason,
        priority
    from fallback_candidates

),

unheard as (

    select candidates.*
    from candidates
    left anti join als_input
        on
            candidates.user_key = als_input.user_key
            and candidates.track_key = als_input.track_key

),

deduplicated as (

    select
        *,
        row_number() over (
            partition by user_key, track_key
            order by priority asc, score desc
        ) as repetition
    from unheard

),

of_artist as (

    select
        deduplicated.*,
        dim_track.artist_key,
        dim_track.track_id,
        row_number() over (
            partition by deduplicated.user_key, dim_track.artist_key
            order by
                deduplicated.priority asc,
                deduplicated.score desc,
                deduplicated.track_key asc
        ) as artist_place
    from deduplicated
    inner join dim_track on deduplicated.track_key = dim_track.track_key
    where deduplicated.repetition = 1

),

-- More of an artist than their share only where nothing else is left.
ranked as (

    select
        of_artist.*,
        row_number() over (
            partition by of_artist.user_key
            order by
                {{ within_artist_share('of_artist') }} desc,
                of_artist.priority asc,
                of_artist.score desc,
                of_artist.track_key asc
        ) as rank
    from of_artist

),

model as (

    select max(model_version) as model_version
    from als_scores

),

heard as (

    select
        track_key,
        track_id as because_track_id
    from dim_track

),

joined as (

    select
        dim_user.user_id,
        ranked.rank,
        ranked.track_id,
        ranked.score,
        ranked.reason,
        heard.because_track_id,
        coalesce(model.model_version, 'none') as model_version,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}'
            as generated_at
    from ranked
    inner join dim_user on ranked.user_key = dim_user.user_key
    left join heard on ranked.because_key = heard.track_key
    cross join model
    where ranked.rank <= {{ var('recommendations_per_user') }}

)

select * from joined
